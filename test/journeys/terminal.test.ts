import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as pty from '@lydell/node-pty'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openCloudAsAnyone } from '../support/plain-cloud.ts'
import { newStudent, PROGRAM, type Student } from '../support/student.ts'
import { until } from '../support/until.ts'

let student: Student

beforeEach(async () => {
  student = await newStudent()
})

afterEach(() => student.leaves())

test('without credentials up offers the practice cloud, and walks phase by phase', async () => {
  const terminal = openTerminal(['up'])
  await terminal.answer('Use the practice cloud instead?', 'y\r')
  await terminal.answer('Build it?', '\r')
  terminal.alwaysAnswers(/Do phase \d now\?/g, '\r')
  expect(await terminal.ended).toBe(0)
  expect(terminal.screen()).toContain('There are no AWS credentials on this machine.')
  expect(terminal.screen()).toContain('A virtual machine in the default VPC will run the app.')
  expect(terminal.screen()).toMatch(/The lab is up: http:\/\/127\.0\.0\.1:\d+/)
})

test('a drill that there is not is wrong usage, before anything is opened', async () => {
  const { code, stderr } = await student.types(['practice', 'break', 'nosuch'])
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no drill "nosuch".'),
  })
  expect(readdirSync(student.home)).toEqual([])
})

test('a no to a phase stops before it and says how to go on', async () => {
  const terminal = openTerminal(['up', '--practice'])
  await terminal.answer('Build it?', '\r')
  await terminal.answer('Do phase 1 now?', '\r')
  await terminal.answer('Do phase 2 now?', 'n\r')
  expect(await terminal.ended).toBe(0)
  expect(terminal.screen()).toContain('Stopped before phase 2.')
  expect((await student.status()).server?.state).toBe('running')
})

test('a no to what --fix would do leaves the finding on the screen, once', async () => {
  await student.types(['up', '--practice', '--yes'])
  chmodSync(join(student.home, 'labs', 'lab', 'key.pem'), 0o644)
  const terminal = openTerminal(['doctor', '--fix'])
  await terminal.answer('to others?', 'n\r')
  expect(await terminal.ended).toBe(1)
  expect(terminal.screen().match(/Others on this machine may read/g)).toHaveLength(1)
  expect(terminal.screen()).toContain('To be mended: key-file.')
})

test('Ctrl-C at a question and during a wait ends with code 130', async () => {
  const asked = openTerminal(['up', '--practice'])
  await asked.answer('Build it?', '\u0003')
  expect(await asked.ended).toBe(130)

  const waiting = openTerminal(['up', '--practice', '--yes'])
  await waiting.answer('unpack', '\u0003')
  expect(await waiting.ended).toBe(130)
  expect(waiting.screen()).toContain('Interrupted.')

  // Each thing that costs is named, also where its phase was not come to yet.
  const resumed = openTerminal(['up', '--yes'])
  await resumed.answer('Phase 2 of 8', '\u0003')
  expect(await resumed.ended).toBe(130)
  expect(resumed.screen()).toMatch(/database\s+\(flaskdb-instance\)/)
})

test('on AWS the yes to a cleanup is the lab’s name, and any other word is a no', async () => {
  await student.types(['practice', 'start'])
  const cloud = await openCloudAsAnyone(student)
  await cloud.makeKey('k', {
    'flasklab:lab': '0a1b2c3d4e',
    'flasklab:lab-name': 'lost',
    'flasklab:owner': 'AIDAPRACTICE0000000000',
  })
  // A lab on AWS, whose settings lead here.
  const AWS_CONFIG_FILE = join(student.home, 'aws.conf')
  writeFileSync(AWS_CONFIG_FILE, cloud.settings)
  const refused = openTerminal(['cleanup', '--lab', 'lost', '--quiet'], { AWS_CONFIG_FILE })
  await refused.answer('Type the lab’s name, lost:', 'y\r')
  expect(await refused.ended).toBe(1)
  expect(refused.screen()).toMatch(/The lab "lost" \(0a1b2c3d4e\)[\s\S]+key pair +key-/)
  expect(refused.screen()).toContain('Nothing was deleted.')
  expect(await cloud.everything()).toHaveLength(1)

  const agreed = openTerminal(['cleanup', '--lab', 'lost'], { AWS_CONFIG_FILE })
  await agreed.answer('Type the lab’s name, lost:', 'lost\r')
  expect(await agreed.ended).toBe(0)
  expect(await cloud.everything()).toEqual([])
})

test('Ctrl-C is the way to leave logs -f, and nothing is said of it', async () => {
  await student.findsLab()
  const logs = openTerminal(['logs', '-f', '-n', '1'])
  await logs.answer('"status"', '\u0003')
  expect(await logs.ended).toBe(130)
  expect(logs.screen()).not.toContain('Interrupted')
})

test('fits 80 columns, and has no colour under NO_COLOR', async () => {
  const terminal = openTerminal(['up', '--practice', '--yes'], { NO_COLOR: '1' })
  expect(await terminal.ended).toBe(0)
  const colours = terminal.screen().match(COLOUR) ?? []
  const prose = plain(terminal.screen()).filter((line) => !line.includes(student.home))
  expect(colours).toEqual([])
  expect(prose.filter((line) => line.length > 80)).toEqual([])
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences begin with one
const COLOUR = /\u001b\[\d*(;\d+)*m/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences begin with one
const SEQUENCE = /\u001b\[[\d;?]*[A-Za-z]/g

/** The lines that were written, without what moves the cursor. */
function plain(screen: string): string[] {
  return screen
    .replace(COLOUR, '')
    .replace(SEQUENCE, '\n')
    .split(/\r?\n|\r/)
}

function openTerminal(words: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const child = pty.spawn(process.execPath, [PROGRAM, ...words], {
    cols: 80,
    rows: 24,
    name: 'xterm-256color',
    env: { ...student.environment, TERM: 'xterm-256color', ...more },
  })
  let text = ''
  let read = 0
  child.onData((chunk) => {
    text += chunk
  })
  const ended = new Promise<number>((resolve) => child.onExit(({ exitCode }) => resolve(exitCode)))
  return {
    ended,
    screen: () => text,
    /** Types the keys each time that such a question is first shown. */
    alwaysAnswers(question: RegExp, keys: string) {
      const answered = new Set<string>()
      child.onData(() => {
        const asked = [...text.matchAll(question)].map(([words]) => words)
        for (const words of asked.filter((each) => !answered.has(each))) {
          answered.add(words)
          child.write(keys)
        }
      })
    },
    /** Waits until the words appear behind the last answer, then types. */
    async answer(question: string, keys: string) {
      await until(`the terminal shows "${question}"`, () => text.indexOf(question, read) !== -1, 60_000)
      read = text.length
      child.write(keys)
    },
  }
}
