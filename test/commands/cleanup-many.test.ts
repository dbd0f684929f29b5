import { expect, test } from 'vitest'
import { cleanupMany, receiptsJson, type Selection } from '../../src/commands/cleanup-many.ts'
import type { CleanupPlan } from '../../src/commands/cleanup-plan.ts'
import type { Judge } from '../../src/lab/exercise.ts'
import type { LabSeen } from '../../src/lab/ports/labs.ts'
import { plansText } from '../../src/terminal/views/cleanup-plan.ts'
import { receiptsText } from '../../src/terminal/views/receipt.ts'
import { plainPaper } from '../support/plain-paper.ts'
import { NOW } from './fake-account.ts'
import { type FakeLabs, fakeLabs, lab } from './fake-labs.ts'

const hour = 3_600_000
const mine: Selection = { all: false, olderThanMs: undefined, expired: false }
const AWS = { dryRun: false, bills: true }
const PRACTICE = { dryRun: false, bills: false }

const clean = (labs: FakeLabs, selection: Selection, options = PRACTICE, account = labs.account) => {
  const show = (shown: readonly CleanupPlan[]) => void labs.plans.push(plansText(shown, options.bills, 80))
  return cleanupMany(selection, { ...options, show }, account)
}

const groupsOnly: LabSeen = lab('g', { resources: [{ kind: 'security-group', id: 'sg-g', name: 'web' }] })
const inventory = {
  servers: [],
  disks: [{ id: 'vol-old', type: 'gp3', gb: 8, createdAt: NOW - 9 * hour, serverId: 'i-old' }],
  databases: [],
}

test.each<[string, Selection, string[]]>([
  ['one’s own, where nothing else is said', mine, ['i-old', 'i-young', 'i-past', 'sg-g']],
  ['everybody’s', { ...mine, all: true }, ['i-old', 'i-young', 'i-past', 'i-theirs', 'sg-g']],
  ['an older lab, by the oldest thing of it', { ...mine, olderThanMs: 8 * hour }, ['i-old']],
  ['a lab past its deadline', { ...mine, expired: true }, ['i-past']],
  ['both at once', { all: true, olderThanMs: 4 * hour, expired: true }, ['i-past', 'i-theirs']],
])('%s is deleted, and nothing else', async (_what, selection, deleted) => {
  using labs = fakeLabs([
    lab('old', { inventory }),
    lab('young', { expiresAt: NOW + hour }),
    lab('past', { expiresAt: NOW - hour }),
    lab('theirs', { owner: 'AIDATHEM', expiresAt: NOW - 1 }),
    groupsOnly,
  ])
  const receipts = await clean(labs, selection)
  expect(labs.asked().sort()).toEqual([...deleted].sort())
  expect(receiptsJson(receipts)).toMatchObject({ left: [], clean: true })
})

test('a lab whose age AWS does not tell is said to be left alone', async () => {
  using labs = fakeLabs([lab('old'), groupsOnly])
  await clean(labs, { ...mine, olderThanMs: hour })
  expect(labs.notes).toEqual(['Left alone, as AWS does not tell how old what remains of them is: lab-g (g).'])
})

test('a lab whose deadline can’t be read is said to be left alone', async () => {
  using labs = fakeLabs([
    lab('a', { unreadableDeadline: 'until exam 12' }),
    lab('b', { unreadableDeadline: '2026', owner: 'AIDATHEM' }),
  ])
  expect(await clean(labs, { ...mine, expired: true })).toEqual([])
  expect(labs.notes).toEqual(['Left alone, as their deadlines can’t be read: lab-a (a: until exam 12).'])
})

test('all plans are shown before the one question, whose yes on AWS is the account’s id', async () => {
  using labs = fakeLabs([lab('a'), lab('b')])
  labs.answer = 'lab-a'
  const no = await clean(labs, mine, AWS)
  expect(labs.plans).toHaveLength(1)
  expect(labs.plans[0]).toMatch(/i-a[\s\S]+i-b/)
  expect([labs.asked(), receiptsJson(no).clean]).toEqual([[], false])
  labs.answer = '123456789012'
  expect(receiptsJson(await clean(labs, mine, AWS)).clean).toBe(true)
})

test('a dry run shows the plans and deletes nothing', async () => {
  using labs = fakeLabs([lab('a')])
  const receipts = await clean(labs, mine, { dryRun: true, bills: true })
  expect(receiptsText(receipts, { region: 'us-east-1', bills: true }, plainPaper())).toMatch(
    /i-a[\s\S]+it was a dry run/,
  )
  expect(receiptsJson(receipts).labs[0]?.plan?.items).toMatchObject([{ id: 'i-a' }])
  expect([labs.asked(), labs.plans]).toEqual([[], []])
})

test('a lab that another command is at work on is left, and the others go', async () => {
  using labs = fakeLabs([lab('a'), lab('b')], { busy: ['a'] })
  const receipts = await clean(labs, mine)
  expect(labs.asked()).toEqual(['i-b'])
  expect(receiptsJson(receipts)).toMatchObject({
    left: [{ kind: 'server', id: 'i-a', why: '"flasklab up" is at work on a.' }],
    clean: false,
  })
})

test('the exercise’s verdict on a cleanup comes after a clean one only', async () => {
  using labs = fakeLabs([lab('a'), lab('b')], { refused: ['i-a'] })
  const after: string[] = []
  const judge: Judge = async ({ by }) => {
    after.push(by)
    return undefined
  }
  await clean(labs, mine, PRACTICE, { ...labs.account, exerciseIn: async () => judge })
  expect(after).toEqual(['cleanup'])
})

test('no lab of that kind is no failure', async () => {
  using labs = fakeLabs([lab('a')])
  const receipts = await clean(labs, { ...mine, expired: true })
  expect(receiptsJson(receipts)).toEqual({ deleted: [], left: [], clean: true, labs: [] })
  expect(receiptsText(receipts, { region: 'us-east-1', bills: true }, plainPaper())).toBe(
    'There is no such lab to clean up.\nLooked at us-east-1 only; --region names another one, flasklab list --all-regions shows all.',
  )
})
