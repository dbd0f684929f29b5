import { expect, test } from 'vitest'
import { writtenFinding } from '../../src/lab/command-text.ts'
import { LabError } from '../../src/lab/finding.ts'
import { PracticeTrouble, type Trouble } from '../../src/practice/trouble.ts'
import { onPractice } from '../../src/world/practice-findings.ts'

async function toldOf(trouble: Trouble): Promise<LabError> {
  const work = () => Promise.reject(new PracticeTrouble(trouble, { cause: 'the cause' }))
  return onPractice(work).then(
    () => expect.fail('it was not told'),
    (error: unknown) => (error instanceof LabError ? error : expect.fail('it was no finding')),
  )
}

test.each<[Trouble, string, readonly string[]]>([
  [
    { kind: 'port-used', port: 23_456 },
    'The practice cloud cannot start: port 23456 on 127.0.0.1 is used by another program.',
    ['lsof -nP -iTCP:23456 -sTCP:LISTEN'],
  ],
  [
    { kind: 'out-of-reach', pid: 12 },
    'The practice cloud of this folder runs (process 12), but can’t be reached.',
    ['flasklab practice stop'],
  ],
  [
    { kind: 'not-started', why: 'it ended while starting', logFile: '/a b/cloud.log' },
    'The practice cloud cannot start: it ended while starting.',
    ["tail -n 20 '/a b/cloud.log'"],
  ],
  [
    { kind: 'path-too-long', root: '/long', bytes: 415, most: 400 },
    'The folder that flasklab keeps its files in has too long a path (415 bytes).',
    ['export FLASKLAB_HOME=~/.flasklab'],
  ],
  [
    { kind: 'no-folder', folder: '/home/of/practice', why: 'EEXIST' },
    'The practice cloud can’t make its folder /home/of/practice.',
    ['ls -ld /home/of/practice /home/of', 'export FLASKLAB_HOME=/some/folder'],
  ],
  [
    {
      kind: 'engine-missing',
      install: [
        ['apt-get', 'update'],
        ['apt-get', 'install', '-y', 'x'],
      ],
      why: 'No.',
    },
    'The practice cloud needs MariaDB, which this machine does not have.',
    ['apt-get update && apt-get install -y x'],
  ],
])('trouble of a practice cloud is told as a finding: $kind', async (trouble, what, run) => {
  const { finding, cause } = await toldOf(trouble)
  expect(writtenFinding(finding)).toMatchObject({ what, remedy: { run } })
  expect(cause).toBe('the cause')
})

test('one that stops in the middle of the work is a lost connection', async () => {
  expect(await toldOf({ kind: 'no-answer', why: 'socket hang up' })).toMatchObject({
    code: 'no-connection',
    finding: { why: 'socket hang up. Its contents lie on the disk, and nothing is lost.' },
  })
})

test('anything else that is thrown stays as it is', async () => {
  const bug = new Error('a bug')
  await expect(onPractice(() => Promise.reject(bug))).rejects.toBe(bug)
})
