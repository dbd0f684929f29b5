import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { carryOut, cleanup } from '../../src/commands/cleanup.ts'
import { type CleanupPlan, makePlan } from '../../src/commands/cleanup-plan.ts'
import { receiptJson } from '../../src/commands/receipt.ts'
import { awsAnywhere } from '../../src/lab/command.ts'
import { commandLines } from '../../src/lab/command-text.ts'
import { LabError } from '../../src/lab/finding.ts'
import type { Dependent, Resource } from '../../src/lab/ports/resources.ts'
import { plansText, planText } from '../../src/terminal/views/cleanup-plan.ts'
import { receiptText } from '../../src/terminal/views/receipt.ts'
import { plainPaper } from '../support/plain-paper.ts'
import { type FakeAccount, fakeAccount, NOW } from './fake-account.ts'

const hour = 3_600_000
const server: Resource = { kind: 'server', id: 'i-1', name: 'FlaskLoginServer', state: 'running' }
const database: Resource = { kind: 'database', id: 'db', name: 'db', state: 'available' }
const subnetGroup: Resource = { kind: 'subnet-group', id: 'sng', name: 'sng' }
const group: Resource = { kind: 'security-group', id: 'sg-1', name: 'rds-ec2-1' }
const key: Resource = { kind: 'key-pair', id: 'key-1', name: 'flasklab-lab' }
const lab = [server, database, subnetGroup, group, key]

const by = ({ id }: Resource, what: string): Dependent => ({ by: id, what, run: [] })

/** As AWS has it: a database holds its group and its subnet group for as long as it is there. */
function holding(account: FakeAccount, dependent: Resource, ...held: Resource[]): void {
  for (const { id } of held)
    account.held.set(id, () =>
      account.resources.includes(dependent) ? [by(dependent, `the database ${dependent.id}`)] : [],
    )
}

const AWS = { dryRun: false, bills: true }
const PRACTICE = { dryRun: false, bills: false }

function clean(options: typeof AWS, { kit, plans }: FakeAccount) {
  const show = (shown: readonly CleanupPlan[]) => void plans.push(plansText(shown, options.bills, 80))
  return cleanup({ ...options, show }, kit)
}

test('deletes all of the lab, whatever holds what, and the receipt and the files say so', async () => {
  using account = fakeAccount(lab)
  holding(account, database, subnetGroup, group)
  account.takes.set('db', 30)
  const receipt = await clean(PRACTICE, account)
  const folder = join(account.home, 'labs', 'lab')
  const deleted = [...lab.map(({ kind, id }) => ({ kind, id }))]
  expect(receipt).toEqual({
    deleted: [...deleted, { kind: 'local-file', id: join(folder, 'lab.json') }],
    left: [],
    clean: true,
    unseen: [],
  })
  expect(readdirSync(folder)).toEqual(['cleaned-up.json'])
  expect(JSON.parse(readFileSync(join(folder, 'cleaned-up.json'), 'utf8'))).toMatchObject({
    lab: 'lab',
    id: '0a1b2c3d4e',
    deleted,
  })
})

test('shows the plan with ids, ages and cost, and on AWS the yes is the lab’s name', async () => {
  using account = fakeAccount([...lab, { kind: 'volume', id: 'vol-1', name: '', madeAt: NOW - 3 * hour }])
  account.inventory = {
    servers: [{ id: 'i-1', type: 't3.micro', state: 'running', startedAt: NOW - hour, stoppedAt: undefined }],
    disks: [{ id: 'vol-1', type: 'gp3', gb: 8, createdAt: NOW - 3 * hour, serverId: 'i-1' }],
    databases: [],
  }
  account.answer = 'another'
  const no = await clean(AWS, account)
  expect(no).toMatchObject({ deleted: [], clean: false })
  expect(no.left.map(({ why }) => why)).toEqual(no.left.map(() => 'you said no'))
  expect(account.asked).toEqual([])
  const [shown = ''] = account.plans
  expect(shown).toContain('The lab "lab" (0a1b2c3d4e) in us-east-1 has these resources:')
  // Started anew an hour ago, but as old as its disk.
  expect(shown).toMatch(/EC2 instance +i-1 +3 h +\$0\.0154 +FlaskLoginServer$/m)
  expect(shown).toMatch(/EBS volume +vol-1 +3 h +\$0\.0009/)
  expect(shown).toMatch(/together +\$0\.0163 +an hour/)
  expect(shown).toContain(join(account.home, 'labs', 'lab', 'lab.json'))

  account.answer = 'lab'
  expect(await clean(AWS, account)).toMatchObject({ clean: true })
})

test('a dry run is the plan, and nothing is told, asked or deleted', async () => {
  using account = fakeAccount(lab)
  const { plan, ...receipt } = await clean({ dryRun: true, bills: true }, account)
  expect(plan?.items.map(({ id }) => id)).toEqual(lab.map(({ id }) => id))
  expect(receipt.left.map(({ id }) => id)).toEqual(lab.map(({ id }) => id))
  expect([account.plans, account.asked]).toEqual([[], []])
})

test('a resource that appears after the plan is told of as left, and not deleted', async () => {
  using account = fakeAccount(lab)
  const plan = await makePlan(account.kit)
  account.resources.push({ kind: 'volume', id: 'vol-new', name: '' })
  const receipt = await carryOut(plan, account.kit)
  expect(receipt).toMatchObject({
    left: [{ kind: 'volume', id: 'vol-new', why: 'it appeared after the plan was made' }],
    clean: false,
  })
  expect(receipt.deleted.map(({ id }) => id)).toEqual(lab.map(({ id }) => id))
  expect(account.asked).not.toContain('vol-new')
})

test('a server that lost its tags is not touched, and told how to end: what it holds says no other way', async () => {
  const volume: Resource = { kind: 'volume', id: 'vol-1', name: '' }
  using account = fakeAccount([volume, group])
  account.lost = [server]
  const dependent = { by: 'i-1', what: 'the instance i-1', run: [awsAnywhere('ec2', 'detach-volume')] }
  for (const { id } of [volume, group]) account.held.set(id, () => [dependent])
  const receipt = await clean(PRACTICE, account)
  const held = 'it is held by the instance i-1, which does not carry the lab’s tags'
  expect(receipt.left.map(({ id, why, run }) => [id, why, run])).toEqual([
    ['vol-1', held, []],
    ['sg-1', held, []],
    [
      'i-1',
      expect.stringContaining('if it is yours, delete it by hand'),
      ['aws ec2 terminate-instances --instance-ids i-1 --region us-east-1'],
    ],
  ])
  expect(account.plans.join()).toContain('Stays, as it does not carry the lab’s tags: EC2 instance i-1')
  expect(account.asked).not.toContain('i-1')
})

test('a resource that a refused deletion holds is not waited for, and both are left with their reasons', async () => {
  using account = fakeAccount(lab)
  holding(account, database, subnetGroup, group)
  account.refused.add('db')
  const receipt = await clean(PRACTICE, account)
  const held = 'it is held by the database db, which could not be deleted'
  expect(receipt.left.map(({ id, why, run }) => [id, why, run])).toEqual([
    ['db', 'You may not.', ['aws ec2 unprotect db']],
    ['sng', held, []],
    ['sg-1', held, []],
  ])
  expect(receipt.deleted.map(({ id }) => id)).toEqual(['i-1', 'key-1'])
  expect(account.clock.now() - NOW).toBeLessThan(5_000)
})

test('a foreign rule that names the lab’s group is named with the command that takes it away, at once', async () => {
  using account = fakeAccount(lab)
  const run = [awsAnywhere('ec2', 'revoke-security-group-ingress', { 'security-group-rule-ids': 'sgr-1' })]
  const what = 'the rule sgr-1 of the group default (sg-d), which names it'
  account.held.set('sg-1', () => [{ by: 'sg-d', what, run }])
  const receipt = await clean(PRACTICE, account)
  const why = `it is held by ${what}, and that is not of this lab`
  expect(receipt.left).toEqual([{ kind: 'security-group', id: 'sg-1', why, run }])
  expect(account.clock.now() - NOW).toBeLessThan(5_000)
  const kept = JSON.parse(readFileSync(join(account.home, 'labs', 'lab', 'receipt.json'), 'utf8'))
  expect(kept).toMatchObject(receiptJson(receipt))
  expect(receiptJson(receipt).left[0]?.why).toBe(`${why}: ${commandLines(run)}`)
  expect(existsSync(join(account.home, 'labs', 'lab', 'lab.json'))).toBe(true)
})

test('a dependent that passes by itself is waited for, ten minutes long, and then named', async () => {
  using account = fakeAccount(lab)
  const lingering = { by: undefined, what: 'the network interface eni-9 (RDSNetworkInterface)', run: [] }
  account.held.set('sg-1', () => [lingering])
  const receipt = await clean(PRACTICE, account)
  expect(receipt.left).toEqual([
    {
      kind: 'security-group',
      id: 'sg-1',
      why: 'It has a dependent object. It is held by the network interface eni-9 (RDSNetworkInterface).',
      run: [],
    },
  ])
  expect(account.clock.now() - NOW).toBeGreaterThan(600_000)
})

test('a resource without the lab’s tags is told of and never touched', async () => {
  using account = fakeAccount(lab)
  account.extras = [
    { kind: 'address', id: 'eipalloc-1', name: '203.0.113.9', isUntagged: true },
    { kind: 'snapshot', id: 'snap', name: 'snap' },
  ]
  account.inventory = {
    servers: [],
    disks: [{ id: 'vol-9', type: 'gp3', gb: 8, createdAt: NOW, serverId: 'i-1' }],
    databases: [],
  }
  account.named = [{ kind: 'key-pair', id: 'key-9', name: 'flasklab-lab-0a1b2c3d4e' }]
  const receipt = await clean(PRACTICE, account)
  expect(account.plans[0]).toContain('Stays, as it does not carry the lab’s tags: Elastic IP eipalloc-1')
  expect(account.plans[0]).toContain('Stays, as it does not carry the lab’s tags: EBS volume vol-9')
  // The volume went with its server.
  expect(receipt.left.map(({ id, run }) => [id, run])).toEqual([
    ['key-9', ['aws ec2 delete-key-pair --key-pair-id key-9 --region us-east-1']],
    ['eipalloc-1', ['aws ec2 release-address --allocation-id eipalloc-1 --region us-east-1']],
  ])
  expect(receipt.deleted).toContainEqual({ kind: 'snapshot', id: 'snap' })
  expect(account.asked).not.toContain('eipalloc-1')
  expect(account.asked).not.toContain('key-9')
})

test('the plan says what a protected database takes first, and what may not be looked at', async () => {
  using account = fakeAccount([
    { ...database, isProtected: true },
    { ...database, id: 'db-2', state: 'stopped', isProtected: true },
  ])
  account.unseen = ['DB snapshots']
  const text = planText(await makePlan(account.kit), true, 80)
  expect(text).toContain('db is protected against deletion: that is switched off first.')
  expect(text).toContain('db-2 is protected against deletion: it is started, and that is switched off first.')
  expect(text).toContain('Not looked at, as these credentials may not: DB snapshots')
})

test('a kind that may not be looked at is no part of what is said to be gone', async () => {
  using account = fakeAccount([group])
  account.unseen = ['DB snapshots']
  const receipt = await clean(PRACTICE, account)
  expect(receiptJson(receipt)).toMatchObject({ clean: true, unseen: ['DB snapshots'] })
  expect(receiptText(receipt, true, plainPaper())).toContain(
    'UNSEEN   DB snapshots: these credentials may not look\n\nNothing else of the lab is left.',
  )
  const file = join(account.home, 'labs', 'lab', 'cleaned-up.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ unseen: ['DB snapshots'] })
})

test('deletions that were asked for before a failure are in a receipt, and in that of the next cleanup', async () => {
  using account = fakeAccount(lab)
  account.takes.set('i-1', 2)
  account.takes.set('db', 2)
  const refusal = new LabError({ what: 'The session has ended.', remedy: { say: 'Begin another.' } })
  const look = account.kit.cloud.stillExisting
  Object.assign(account.kit.cloud, { stillExisting: () => Promise.reject(refusal) })
  await expect(clean(PRACTICE, account)).rejects.toBe(refusal)
  const folder = join(account.home, 'labs', 'lab')
  const asked = [
    { kind: 'server', id: 'i-1' },
    { kind: 'database', id: 'db' },
  ]
  const receipt = () => JSON.parse(readFileSync(join(folder, 'receipt.json'), 'utf8'))
  expect(receipt()).toMatchObject({ deleted: [], asked: expect.arrayContaining(asked) })
  expect(receipt().left).toHaveLength(lab.length - 2)
  Object.assign(account.kit.cloud, { stillExisting: look })
  account.resources = account.resources.filter(({ id }) => id !== 'i-1')
  expect(await clean(PRACTICE, account)).toMatchObject({ clean: true })
  const { deleted } = JSON.parse(readFileSync(join(folder, 'cleaned-up.json'), 'utf8'))
  expect(deleted.map(({ id }: Resource) => id).toSorted()).toEqual(lab.map(({ id }) => id).toSorted())
})

test('the plan keeps to 80 columns, whatever things are called', async () => {
  const name = 'FlaskLoginServer-web-of-the-second-group-0a1b2c3d4e'
  using account = fakeAccount([{ kind: 'security-group', id: 'sg-0123456789abcdef0', name }])
  const lines = planText(await makePlan(account.kit), true, 80).split('\n')
  expect(lines).toContain(`${' '.repeat(20)}${name}`)
  expect(lines.filter((line) => line.length > 80)).toEqual([])
})

test('nothing in the cloud is nothing to ask about, and what lies here of the lab goes', async () => {
  using account = fakeAccount([])
  account.answer = false
  const receipt = await clean(AWS, account)
  expect(receipt).toMatchObject({ deleted: [{ kind: 'local-file' }], left: [], clean: true })
  expect(account.plans).toEqual([])
  expect(await clean(AWS, account)).toEqual({ deleted: [], left: [], clean: true, unseen: [] })
})

test('credentials for another account, where nothing of the lab is, do not make it gone', async () => {
  using account = fakeAccount([])
  account.kit.record.save({ account: '999999999999' })
  await expect(clean(AWS, account)).rejects.toThrow('lives in the account 999999999999')
  expect(account.kit.record.isSaved).toBe(true)
  account.kit.record.save({ account: '123456789012' })
  expect(await clean(AWS, account)).toMatchObject({ clean: true })
})
