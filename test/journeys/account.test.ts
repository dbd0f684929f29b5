import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Listing } from '../../src/commands/list.ts'
import { NOTHING, prepareFaults } from '../faults/fault-ground.ts'
import { openCloudAsAnyone, type PlainCloud } from '../support/plain-cloud.ts'

const { student, plan, counts } = prepareFaults()

let cloud: PlainCloud

// One after the other, of two labs whose servers could not be launched: all else of them is there.
beforeAll(async () => {
  cloud = await openCloudAsAnyone(student())
  await plan({ requests: { actions: ['ec2:RunInstances'], times: 10, how: 'unauthorized' } })
  await student().types(['up', '--practice', '--yes', '--lab', 'mine', '--expires', '4h'])
  await student().types(['up', '--practice', '--yes', '--lab', 'theirs'])
  await plan({})
  await cloud.tag('theirs', 'flasklab:owner', 'AIDATHEM')
})

describe('the labs of an account', () => {
  test('are listed, whoever’s they are, in one region and in all', async () => {
    const { labs, regions } = await list()
    expect(labs).toMatchObject([
      { name: 'mine', mine: true, state: 'running', server: null, expired: false },
      { name: 'theirs', mine: false, owner: 'AIDATHEM', expires: null },
    ])
    expect(regions).toEqual(['us-west-2'])
    const everywhere = await list('--all-regions')
    expect(everywhere.regions).toContain('eu-west-1')
    expect(everywhere.labs.map(({ name, region }) => [name, region])).toEqual([
      ['mine', 'us-west-2'],
      ['theirs', 'us-west-2'],
    ])
    expect((await student().types(['list', '--practice'])).stdout).toMatch(/ mine .+\s+you, [34] h left$/m)
  })

  test('are told by their ids, and two words that mean two labs are wrong usage', async () => {
    const [mine, theirs] = (await list()).labs.map(({ id }) => id)
    const both = ['cleanup', '--yes', '--practice', '--lab', 'mine', '--id', theirs ?? '']
    expect(await student().types(both)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('mean two different labs'),
    })
    const some = await student().types(['cleanup', '--yes', '--lab', 'mine', '--all'])
    expect(some).toMatchObject({ code: 2, stderr: expect.stringContaining('--lab names one lab') })
    const same = ['cleanup', '--dry-run', '--practice', '--lab', 'mine', '--id', mine ?? '', '--json']
    expect(JSON.parse((await student().types(same)).stdout)).toMatchObject({
      plan: { lab: 'mine', id: mine },
    })
    expect((await list()).labs).toHaveLength(2)
  })

  test('stay, where they are younger than what is asked for', async () => {
    const { code, stdout } = await student().types(cleanup('--all', '--older-than', '4h'))
    expect({ code, receipt: JSON.parse(stdout) }).toEqual({
      code: 0,
      receipt: { deleted: [], left: [], clean: true, labs: [] },
    })
  })

  test('a deadline is put off by up, in the cloud, too', async () => {
    const before = (await list()).labs[0]?.expires ?? ''
    await plan({ requests: { actions: ['ec2:RunInstances'], times: 10, how: 'unauthorized' } })
    await student().types(['up', '--yes', '--lab', 'mine', '--expires', '9h'])
    await plan({})
    const hours = (Date.parse((await list()).labs[0]?.expires ?? '') - Date.parse(before)) / 3_600_000
    expect(hours).toBeGreaterThan(4.9)
    expect(hours).toBeLessThan(5.1)
  })

  test('a deadline that has passed is told by every command, and cleanup --expired acts on it', async () => {
    await cloud.tag('mine', 'flasklab:expires', '2026-01-01T00:00:00Z')
    await cloud.tag('theirs', 'flasklab:expires', '2026-01-01T00:00:00Z')
    const file = join(student().home, 'labs', 'mine', 'lab.json')
    const record = JSON.parse(readFileSync(file, 'utf8')) as object
    writeFileSync(file, JSON.stringify({ ...record, expires: '2026-01-01T00:00:00Z' }))
    const status = await student().types(['status', '--lab', 'mine'])
    expect(status).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('was to be gone by 2026-01-01T00:00:00Z'),
    })
    expect(status.stderr).toContain('flasklab up --lab mine --expires 4h')
    const { code, stdout } = await student().types(cleanup('--expired'))
    expect({ code, receipt: JSON.parse(stdout) }).toMatchObject({
      code: 0,
      receipt: { clean: true, labs: [{ lab: 'mine', clean: true }] },
    })
    expect((await list()).labs.map(({ name }) => name)).toEqual(['theirs'])
  })

  test('go all at once for an instructor, with the records that are here', async () => {
    const { code, stdout } = await student().types(cleanup('--all'))
    const { clean, labs, deleted } = JSON.parse(stdout)
    expect({ code, clean, labs }).toMatchObject({
      code: 0,
      clean: true,
      labs: [{ lab: 'theirs', owner: 'AIDATHEM' }],
    })
    expect(deleted).toContainEqual({
      kind: 'local-file',
      id: join(student().home, 'labs', 'theirs', 'lab.json'),
    })
    expect(counts()).toEqual(NOTHING)
    expect(await list()).toMatchObject({ labs: [] })
  })
})

async function list(...words: string[]): Promise<Listing> {
  const { code, stdout, stderr } = await student().types(['list', '--practice', '--json', ...words])
  if (code !== 0) throw new Error(stdout + stderr)
  return JSON.parse(stdout) as Listing
}

function cleanup(...words: string[]): string[] {
  return ['cleanup', '--practice', '--yes', '--json', ...words]
}
