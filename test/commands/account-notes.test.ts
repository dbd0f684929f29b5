import { describe, expect, test } from 'vitest'
import { checkAccount, tellOfSession } from '../../src/commands/account-notes.ts'
import { up } from '../../src/commands/up.ts'
import type { Event } from '../../src/lab/events.ts'
import { LabError } from '../../src/lab/finding.ts'
import type { Credentials, PlanSeen, Quotas } from '../../src/lab/ports/account.ts'
import type { Cloud, WithCloud } from '../../src/lab/ports/cloud.ts'
import type { Kit } from '../../src/lab/ports/kit.ts'
import type { RecordKeeper } from '../../src/lab/ports/record.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { standIn } from '../support/stand-in.ts'

const student = { account: '123456789012', arn: 'arn:aws:iam::123456789012:user/renee', userId: 'AIDA1' }
const learner = {
  account: '123456789012',
  arn: 'arn:aws:sts::123456789012:assumed-role/voclabs/user1=renee',
  userId: 'AROA1:user1=renee',
}

/** All that is told, as a note's text or a warning's first sentence. */
async function told(
  cloud: Partial<Credentials & Quotas>,
  work: (kit: Pick<Kit, 'clock' | 'tell'> & WithCloud<Credentials & Quotas>) => unknown,
): Promise<string[]> {
  const events: Event[] = []
  const tell = (event: Event) => void events.push(event)
  await work({ cloud: standIn('cloud', cloud), clock: fakeClock(), tell })
  return events.map((event) => {
    if (event.kind === 'note') return event.text
    return event.kind === 'warning' ? `warning: ${event.finding.what}` : event.kind
  })
}

const session = (minutes: number | undefined) => {
  const end = minutes === undefined ? undefined : fakeClock().now() + minutes * 60_000
  return { areTemporary: async () => true, credentialsEnd: async () => end }
}

describe('the session', () => {
  test('is no matter with credentials that do not end', async () => {
    const forEver = { areTemporary: async () => false }
    expect(await told(forEver, (kit) => tellOfSession(student, kit))).toEqual([])
  })

  test.each([
    [200, 'The AWS session ends in 3 h 20 min.'],
    [50, 'The AWS session ends in 50 minutes.'],
    [undefined, 'These credentials are temporary; when they end is not known.'],
    [40, 'warning: The AWS session ends in 40 minutes.'],
    [-5, 'warning: The AWS session ends in 0 minutes.'],
  ])('that ends in %s minutes is told as that', async (minutes, text) => {
    expect(await told(session(minutes), (kit) => tellOfSession(student, kit))).toEqual([text])
  })

  test('is told, in a Learner Lab, with what its end does', async () => {
    const [text] = await told(session(undefined), (kit) => tellOfSession(learner, kit))
    expect(text).toMatch(
      /when they end is not known\. A Learner Lab’s lasts about four hours: then AWS stops the server, which has another address/,
    )
  })
})

describe('the account', () => {
  const account = (plan: Partial<PlanSeen>, unasked: readonly string[] = []) =>
    told(
      {
        checkPlan: async () => ({ free: undefined, unknown: [], ...plan }),
        checkQuotas: async () => unasked,
      },
      checkAccount,
    )

  test('that pays and was asked for everything is not talked of', async () => {
    expect(await account({})).toEqual([])
  })

  test('is told, on the free plan, with its credits and its end', async () => {
    const ends = Date.parse('2027-03-01T00:00:00Z')
    expect(await account({ free: { credits: 97.5, ends } })).toEqual([
      'The account has AWS’s free plan, with $97.50 of credits left, until 2027-03-01: the lab is paid from the credits.',
    ])
  })

  test('that could not be asked is told to be unknown', async () => {
    expect(await account({ unknown: ['the account’s plan'] }, ['the limit of vCPUs'])).toEqual([
      'Unknown, as these credentials may not ask: the account’s plan, the limit of vCPUs. AWS tells when something is made.',
    ])
  })
})

test('a Learner Lab in a region that it does not have is refused before anything else is asked', async () => {
  const cloud = { region: 'eu-west-1', whoAmI: async () => learner, checkRegion: async () => {} }
  const record = standIn<RecordKeeper>('record', { value: newRecord('lab', 'aws', 'eu-west-1', undefined) })
  const kit = standIn<Kit>('kit', { cloud: standIn<Cloud>('cloud', cloud), record })
  const options = {
    dryRun: false,
    sshFrom: undefined,
    allowFrom: undefined,
    expires: undefined,
    introduce: () => {},
  }
  const error = await up(options, kit).catch((thrown: unknown) => thrown)
  expect(error instanceof LabError ? error.finding : error).toEqual({
    what: 'A Learner Lab has the regions us-east-1 and us-west-2 only, not eu-west-1.',
    why: 'In all others AWS denies whatever is asked for.',
    remedy: {
      say: 'Build it there.',
      run: ['flasklab up --region us-east-1', 'flasklab up --region us-west-2'],
    },
  })
})
