import { expect, test } from 'vitest'
import { cleanup } from '../../src/cli/commands/cleanup.ts'
import { cost } from '../../src/cli/commands/cost.ts'
import { doctor } from '../../src/cli/commands/doctor.ts'
import { logs } from '../../src/cli/commands/logs.ts'
import { practiceBreak } from '../../src/cli/commands/practice-break.ts'
import { up } from '../../src/cli/commands/up.ts'
import { buildProgram, type RunCommand } from '../../src/cli/program.ts'
import { UsageError } from '../../src/lab/finding.ts'
import { fakeIo } from '../support/fake-io.ts'

/** The options that the command would be run with, by what is typed. */
async function read(...typed: readonly string[]): Promise<unknown> {
  let options: unknown
  const run: RunCommand = async (command, { given, words }) => {
    options = command.options(given, words)
  }
  await buildProgram(fakeIo(), run).parseAsync([...typed], { from: 'user' })
  return options
}

test.each<[string, unknown]>([
  ['up', { dryRun: false, sshFrom: undefined, allowFrom: undefined, expires: undefined }],
  [
    'up --dry-run --ssh-from 203.0.113.9 --expires 90m',
    { dryRun: true, sshFrom: '203.0.113.9/32', allowFrom: undefined, expires: 5_400_000 },
  ],
  ['logs', { lines: 50, follow: false }],
  ['logs -f -n 3', { lines: 3, follow: true }],
  ['ssh', []],
  ['ssh ls -l --json', ['ls', '-l', '--json']],
  ['list --all-regions', { allRegions: true }],
  ['doctor', { list: false, fix: false, brief: false, handmade: undefined }],
  [
    'doctor --quiet --db FlaskDB',
    {
      list: false,
      fix: false,
      brief: true,
      handmade: { instance: undefined, database: 'flaskdb', keyFile: undefined },
    },
  ],
  [
    'cost --plan credits --practice',
    { live: false, plan: 'credits', handmade: undefined, id: undefined, isLost: true },
  ],
  ['cleanup', { dryRun: false, id: undefined, selection: undefined }],
  [
    'cleanup --older-than 2d --dry-run',
    { dryRun: true, id: undefined, selection: { all: false, olderThanMs: 172_800_000, expired: false } },
  ],
  ['practice break --level hard', { list: false, name: undefined, level: 'hard' }],
  ['practice env --region eu-west-1', { region: 'eu-west-1' }],
])('the meaning of "%s" is known without running it', async (typed, options) => {
  expect(await read(...typed.split(' '))).toEqual(options)
})

test.each<[string, () => unknown]>([
  ['one lab and several', () => cleanup.options({ all: true, lab: 'mine' }, [])],
  ['a mend of what was made by hand', () => doctor.options({ fix: true, adopt: true }, [])],
])('%s can’t be meant at once', (_, options) => {
  expect(options).toThrow(UsageError)
})

test('commands say their own exit codes', () => {
  expect(logs.exitCode?.(3)).toBe(3)
  expect(up.exitCode).toBeUndefined()
  expect(cost.exitCode).toBeUndefined()
  expect(doctor.exitCode?.({ list: [] })).toBe(0)
  expect(practiceBreak.exitCode).toBeUndefined()
})
