import { LabError } from '../../src/lab/finding.ts'
import type { Cloud } from '../../src/lab/ports/cloud.ts'
import type { Account, Kit } from '../../src/lab/ports/kit.ts'
import type { LabSeen } from '../../src/lab/ports/labs.ts'
import type { Resource } from '../../src/lab/ports/resources.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { fakeAccount, NOW } from './fake-account.ts'

export const ME = 'AIDAME'

export function lab(id: string, more: Partial<LabSeen> = {}): LabSeen {
  const server: Resource = {
    kind: 'server',
    id: `i-${id}`,
    name: 'FlaskLoginServer',
    state: 'running',
    madeAt: NOW - 5 * 3_600_000,
  }
  return {
    id,
    name: `lab-${id}`,
    owner: ME,
    expiresAt: undefined,
    unreadableDeadline: undefined,
    resources: [server],
    inventory: { servers: [], disks: [], databases: [] },
    ...more,
  }
}

export interface FakeLabs extends Disposable {
  readonly account: Account
  readonly plans: string[]
  readonly notes: string[]
  /** The ids of the things that were asked to be deleted. */
  asked(): string[]
  /** The text typed at the question, or whether it is a yes. */
  answer: string | boolean
}

interface Trouble {
  /** Labs that another command is at work on. */
  readonly busy?: readonly string[]
  /** Things that AWS does not delete. */
  readonly refused?: readonly string[]
}

/** An account with these labs, in one region. */
export function fakeLabs(labs: readonly LabSeen[], { busy = [], refused = [] }: Trouble = {}): FakeLabs {
  const inside = new Map(labs.map((each) => [each.id, fakeAccount(each.resources)]))
  for (const each of inside.values()) for (const id of refused) each.refused.add(id)
  const plans: string[] = []
  const notes: string[] = []
  const cloud = {
    region: 'us-east-1',
    clockOffset: 0,
    whoAmI: async () => ({ account: '123456789012', arn: 'arn', userId: ME }),
    checkRegion: async () => {},
    listRegions: async () => ['eu-west-1', 'us-east-1', 'us-west-2'],
    listLabs: async () => labs,
  }
  const elsewhere: Record<string, Partial<Cloud>> = {
    'us-east-1': cloud,
    'us-west-2': { ...cloud, listLabs: async () => [] },
  }
  const closed: Partial<Cloud> = {
    listLabs: async () => {
      throw new LabError({ what: 'You may not look there.', remedy: { say: 'Ask.' } })
    },
  }
  const fake: FakeLabs = {
    plans,
    notes,
    answer: true,
    asked: () => [...inside.values()].flatMap(({ asked }) => asked),
    account: {
      region: 'us-east-1',
      clock: fakeClock(NOW),
      tell: (event) => {
        if (event.kind === 'plan') plans.push(event.text)
        if (event.kind === 'note') notes.push(event.text)
      },
      ask: {
        confirm: async () => fake.answer === true,
        typeBack: async (_question, { word }) => fake.answer === word,
        goOn: async () => true,
      },
      exerciseIn: async () => async () => undefined,
      cloudIn: (region) => (elsewhere[region] ?? closed) as Cloud,
      take: ({ id }) => {
        if (busy.includes(id))
          throw new LabError({ what: `"flasklab up" is at work on ${id}.`, remedy: { say: 'Wait.' } })
        return inside.get(id)?.kit as Kit
      },
    },
    [Symbol.dispose]: () => {
      for (const each of inside.values()) each[Symbol.dispose]()
    },
  }
  return fake
}
