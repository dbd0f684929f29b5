import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Listing } from '../../src/commands/list.ts'
import { findPractice } from '../../src/practice/client.ts'
import { openCloudAsAnyone, type PlainCloud } from '../support/plain-cloud.ts'
import { newStudent, type Run, type Student } from '../support/student.ts'

// Labs without a record, of each of which a key pair is all there is.
const ME = 'AIDAPRACTICE0000000000'
let student: Student
let cloud: PlainCloud

beforeAll(async () => {
  student = await newStudent()
  await student.types(['practice', 'start'])
  cloud = await openCloudAsAnyone(student)
})

afterAll(() => student.leaves())

const make = (id: string, name: string, region?: string, more: Readonly<Record<string, string>> = {}) =>
  cloud.makeKey(
    `key of ${name} ${id}`,
    { 'flasklab:lab': id, 'flasklab:lab-name': name, 'flasklab:owner': ME, ...more },
    region,
  )
const cleanup = (...words: string[]) => student.types(['cleanup', '--practice', '--yes', ...words])
const inOneLine = ({ stdout, stderr }: Run) => (stdout + stderr).replace(/\s+/g, ' ')

async function labs(): Promise<string[]> {
  const { stdout } = await student.types(['list', '--practice', '--all-regions', '--json'])
  return (JSON.parse(stdout) as Listing).labs.map(({ id }) => id)
}

test('with nothing at all there is nothing to clean up, and it is said where', async () => {
  const run = await cleanup()
  expect(run.code).toBe(0)
  expect(run.stdout).toMatch(/^There is nothing to clean up in the account \d{12}, 17 regions\.\n$/)
})

test('where the regions may not be asked for, the one that was looked at is named', async () => {
  const practice = await findPractice(student.home)
  await practice?.planFaults({
    requests: { actions: ['ec2:DescribeRegions'], times: 99, how: 'unauthorized' },
  })
  const run = await cleanup()
  await practice?.planFaults({})
  expect(run.code).toBe(0)
  expect(run.stdout).toMatch(/^There is nothing to clean up in the account \d{12}, us-west-2\.\n$/)
})

test('a second cleanup is of the lab that was cleaned up, and of no other one of its name', async () => {
  const first = await make('aaaaaaaaaa', 'lab')
  expect((await cleanup()).stdout).toContain(`deleted  key-pair  ${first}`)
  await make('bbbbbbbbbb', 'lab')
  const again = await cleanup()
  expect({ code: again.code, left: await labs() }).toEqual({ code: 0, left: ['bbbbbbbbbb'] })
  expect(again.stdout).toMatch(
    /^There is nothing to clean up in the account \d{12}, us-west-2\.\nYou have these labs: lab \(bbbbbbbbbb, us-west-2\)\.\n$/,
  )
  const byId = await cleanup('--id', 'aaaaaaaaaa', '--json')
  expect({ code: byId.code, receipt: JSON.parse(byId.stdout) }).toEqual({
    code: 0,
    receipt: { deleted: [], left: [], clean: true },
  })
  expect((await cleanup('--id', 'bbbbbbbbbb')).code).toBe(0)
  expect(await labs()).toEqual([])
})

test('a lab in another region is found there, but where a region is named, only in that', async () => {
  const key = await make('cccccccccc', 'euro', 'eu-west-1')
  const elsewhere = await cleanup('--lab', 'euro', '--region', 'us-west-2')
  expect(elsewhere.code).toBe(1)
  expect(inOneLine(elsewhere)).toMatch(
    /There is no lab "euro"\. .+ in the account \d{12}, us-west-2 is called that/,
  )
  const byTypo = await cleanup('--lab', 'eruo')
  expect(byTypo.code).toBe(1)
  expect(inOneLine(byTypo)).toMatch(
    /There is no lab "eruo"\. .+ You have these labs: euro \(cccccccccc, eu-west-1\)\./,
  )
  expect(inOneLine(byTypo)).toContain('flasklab list --all-regions --practice')
  const unknown = await cleanup('--id', '0123456789')
  expect(unknown.code).toBe(1)
  expect(inOneLine(unknown)).toMatch(
    /There is no lab with the id 0123456789\. .+ You have these labs: euro \(cccccccccc, eu-west-1\)\./,
  )
  const { code, stdout } = await cleanup('--lab', 'euro')
  expect({ code, left: await labs() }).toEqual({ code: 0, left: [] })
  expect(stdout).toContain(`deleted  key-pair  ${key}`)
  const again = await cleanup('--lab', 'euro')
  expect(again.code).toBe(0)
  expect(again.stdout).toMatch(/^There is nothing to clean up in the account \d{12}, eu-west-1\.\n$/)
})

test('labs of one name in several regions are told apart by id and region', async () => {
  await make('dddddddddd', 'two')
  await make('eeeeeeeeee', 'two', 'eu-west-1')
  const which = await cleanup('--lab', 'two')
  expect(which.code).toBe(1)
  expect(inOneLine(which)).toContain('dddddddddd (us-west-2), eeeeeeeeee (eu-west-1)')
  expect(which.stderr).toContain('flasklab cleanup --practice --lab two --id eeeeeeeeee --region eu-west-1')
  for (const id of ['dddddddddd', 'eeeeeeeeee'])
    expect((await cleanup('--lab', 'two', '--id', id)).code).toBe(0)
  expect(await labs()).toEqual([])
})

test('no tag leads to a folder of this machine, or to the lab of somebody else', async () => {
  const past = { 'flasklab:expires': '2026-01-01T00:00:00Z' }
  const file = join(student.home, 'victim', 'thesis.txt')
  mkdirSync(join(student.home, 'victim'))
  writeFileSync(file, 'mine')
  await make('/../../victim', 'trap', undefined, past)
  await make('*', 'trap', undefined, past)
  await make('ffffffffff', 'theirs', undefined, { 'flasklab:owner': 'AIDATHEM' })
  const before = (await cloud.everything()).length
  for (const selection of [['--expired'], ['--older-than', '1m']]) {
    const { code, stdout } = await cleanup(...selection, '--json')
    expect({ code, labs: JSON.parse(stdout).labs }).toEqual({ code: 0, labs: [] })
  }
  expect(await cloud.everything()).toHaveLength(before)
  expect(existsSync(file)).toBe(true)
  expect(await labs()).toEqual(['ffffffffff'])
})

test('a search that finds nothing leaves no practice cloud behind that it has started', async () => {
  const other = await newStudent()
  const { code } = await other.types(['cleanup', '--practice', '--yes', '--lab', 'nowhere'])
  const { stdout } = await other.types(['practice', 'status', '--json'])
  await other.leaves()
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 1, running: false })
})
