import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { main } from '../../src/main.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { fakeIo } from '../support/fake-io.ts'
import { tempFolder } from '../support/temp-folder.ts'

async function run(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const io = fakeIo({ env })
  const code = await main(words, io)
  return { code, out: io.out(), err: io.err(), held: io.held() }
}

/** A folder with the record of one lab on AWS. */
function homeWith(name: string) {
  const home = tempFolder()
  mkdirSync(join(home.path, 'labs', name), { recursive: true })
  const record = newRecord(name, 'aws', 'eu-central-1', undefined)
  writeFileSync(join(home.path, 'labs', name, 'lab.json'), JSON.stringify(record))
  return home
}

test('help goes to the standard output that it is given', async () => {
  const { code, out, err } = await run(['--help'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('Usage: flasklab [options] [command]')
})

test('wrong words are told on stderr, and leave nothing of the process held', async () => {
  const { code, out, err, held } = await run(['up', '--nosuch'])
  expect({ code, out, held }).toEqual({ code: 2, out: '', held: 0 })
  expect(err).toContain("error: unknown option '--nosuch'")
})

test('two commands in one process, with folders of their own, know nothing of one another', async () => {
  using home = homeWith('mine')
  using other = homeWith('theirs')
  const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }
  const runs = [
    await run(['status', '--lab', 'theirs', '--json'], { FLASKLAB_HOME: home.path }),
    await run(['status', '--lab', 'theirs', '--json'], { FLASKLAB_HOME: other.path, ...env }),
    await run(['status', '--lab', 'mine', '--json'], { FLASKLAB_HOME: other.path }),
  ]
  expect(runs.map(({ code, held }) => ({ code, held }))).toEqual(Array(3).fill({ code: 1, held: 0 }))
  expect(runs.map(({ out }) => (JSON.parse(out) as { error: { what: string } }).error.what)).toEqual([
    'There is no lab "theirs" here.',
    'AWS_ENDPOINT_URL points to this machine (http://127.0.0.1:1), but the lab is meant for AWS.',
    'There is no lab "mine" here.',
  ])
})

test('a command that is refused lets its lab go', async () => {
  using home = homeWith('lab')
  const env = { FLASKLAB_HOME: home.path, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }
  const refused = await run(['up', '--json'], env)
  const again = await run(['up', '--json'], env)
  expect(again).toEqual(refused)
  expect(refused).toMatchObject({ code: 1, held: 0, out: expect.stringContaining('AWS_ENDPOINT_URL') })
})
