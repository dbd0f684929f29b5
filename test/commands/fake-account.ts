import type { CleanupKit } from '../../src/commands/cleanup-plan.ts'
import { awsAnywhere, flasklab } from '../../src/lab/command.ts'
import { LabError } from '../../src/lab/finding.ts'
import type { Cloud } from '../../src/lab/ports/cloud.ts'
import type { Dependent, Removal, Resource } from '../../src/lab/ports/resources.ts'
import type { Inventory } from '../../src/lab/usage.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { keepRecord } from '../../src/store/record-keeper.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { standIn } from '../support/stand-in.ts'
import { tempFolder } from '../support/temp-folder.ts'

export const NOW = Date.parse('2026-11-22T10:00:00Z')

export interface FakeAccount extends Disposable {
  readonly kit: CleanupKit
  readonly clock: FakeClock
  readonly home: string
  /** The lab's resources. */
  resources: Resource[]
  extras: Resource[]
  unseen: string[]
  named: Resource[]
  /** Resources that have lost the lab's tags. */
  lost: Resource[]
  inventory: Inventory
  /** The dependents that keep each from being deleted, by id: they are asked for each time. */
  readonly held: Map<string, () => readonly Dependent[]>
  /** The ids of resources that AWS refuses to delete for good. */
  readonly refused: Set<string>
  /** How many looks each takes to be gone, by id. */
  readonly takes: Map<string, number>
  readonly asked: string[]
  readonly plans: string[]
  /** The text typed at the question, or whether it is a yes. */
  answer: string | boolean
}

/** An account with a lab in it, of which the test says what there is and what holds it. */
export function fakeAccount(resources: readonly Resource[]): FakeAccount {
  const folder = tempFolder()
  const clock = fakeClock(NOW)
  const record = keepRecord(folder.path, {
    ...newRecord('lab', 'aws', 'us-east-1', undefined),
    id: '0a1b2c3d4e',
  })
  record.save({})
  const going = new Map<string, number>()
  const all = () => [...account.resources, ...account.extras, ...account.named, ...account.lost]
  const look = () => {
    for (const [id, looks] of going) {
      if (looks > 0) going.set(id, looks - 1)
      else drop(id)
    }
  }
  const drop = (id: string) => {
    const isKept = (each: Resource) => each.id !== id
    account.resources = account.resources.filter(isKept)
    account.extras = account.extras.filter(isKept)
    going.delete(id)
  }
  const remove = async ({ id }: Resource): Promise<Removal> => {
    account.asked.push(id)
    if (account.refused.has(id))
      throw new LabError({
        what: 'You may not.',
        remedy: { say: 'Ask for the right.', run: [flasklab('up'), awsAnywhere('ec2', `unprotect ${id}`)] },
      })
    const dependents = account.held.get(id)?.() ?? []
    if (dependents.length > 0) return { done: 'not-yet', why: 'It has a dependent object.', dependents }
    going.set(id, account.takes.get(id) ?? 0)
    return { done: 'asked' }
  }
  const cloud: Cloud = standIn<Cloud>('cloud', {
    look: () => cloud,
    region: 'us-east-1',
    clockOffset: 0,
    whoAmI: async () => ({ account: '123456789012', arn: 'arn', userId: 'AIDAME' }),
    listResources: async () => account.resources,
    listUnmanaged: async () => ({ found: account.extras, unseen: account.unseen }),
    takeInventory: async () => account.inventory,
    findUntagged: async () => account.lost,
    findByName: async () => account.named,
    stillExisting: async (meant) => {
      look()
      return meant.filter(({ id }) => all().some((each) => each.id === id))
    },
    remove,
  })
  const account: FakeAccount = {
    clock,
    home: folder.path,
    resources: [...resources],
    extras: [],
    unseen: [],
    named: [],
    lost: [],
    inventory: { servers: [], disks: [], databases: [] },
    held: new Map(),
    refused: new Set(),
    takes: new Map(),
    asked: [],
    plans: [],
    answer: true,
    kit: {
      clock,
      record,
      cloud,
      tell: (event) => void (event.kind === 'plan' && account.plans.push(event.text)),
      ask: {
        confirm: async () => account.answer === true,
        typeBack: async (_question, { word }) => account.answer === word,
        goOn: async () => true,
      },
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
  return account
}
