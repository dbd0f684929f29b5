import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Event } from '../../src/lab/events.ts'
import { createReporter, type Reporter } from '../../src/terminal/reporter.ts'
import { createTheme } from '../../src/terminal/theme.ts'
import { screen } from '../support/screen.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')
let open: Reporter | undefined

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})
afterEach(() => {
  open?.end()
  vi.useRealTimers()
})

function begin(
  options: { columns?: number; quiet?: boolean; teaching?: boolean; env?: NodeJS.ProcessEnv } = {},
) {
  const { stream, written } = screen(options.columns)
  const reporter = createReporter({
    stream,
    theme: createTheme(
      { isTTY: options.columns !== undefined, columns: options.columns ?? 60 },
      { NO_COLOR: '1', ...options.env },
    ),
    now: Date.now,
    quiet: options.quiet ?? false,
    teaching: options.teaching ?? true,
  })
  open = reporter
  return { reporter, written }
}

function wait(id: string): Event {
  return { kind: 'waiting', id, title: id, since: Date.now() }
}

const warning: Event = { kind: 'warning', finding: { what: 'It broke.', remedy: { say: 'Mend it.' } } }
const talk: readonly Event[] = [
  { kind: 'note', text: 'Lab "lab" in us-east-1' },
  {
    kind: 'phase',
    number: 1,
    of: 8,
    title: 'Launch it',
    lesson: 'A virtual machine in the default VPC will run the app.',
  },
  { kind: 'step', text: 'security groups sg-0a1b2c3d4e5f60718, sg-0a1b2c3d4e5f60719' },
  { kind: 'exists', what: 'server', id: 'i-1' },
  { kind: 'made', title: 'Launch it', detail: 'i-1 at 203.0.113.7' },
  { kind: 'phase', number: 2, of: 8, title: 'Install', lesson: 'It gets Node.js.' },
  { kind: 'found', title: 'Install', detail: 'Node.js at /usr/bin/node-22' },
  { kind: 'gone', id: 'i-1' },
  warning,
]

test('without a terminal, what is told reads like this', () => {
  const { reporter, written } = begin()
  for (const event of talk) reporter.tell(event)
  expect(written()).toBe(
    `${[
      'Lab "lab" in us-east-1',
      '',
      'Phase 1 of 8: Launch it',
      '  A virtual machine in the default VPC will run the app.',
      '  · security groups sg-0a1b2c3d4e5f60718,',
      '    sg-0a1b2c3d4e5f60719',
      '  ✔ i-1 at 203.0.113.7',
      '',
      'Phase 2 of 8: Install',
      '  It gets Node.js.',
      '  ✔ found: Node.js at /usr/bin/node-22',
      '✖ It broke.',
      '',
      '  Mend it.',
      '',
    ].join('\n')}\n`,
  )
})

test('lessons are for whoever sits in front of it', () => {
  const { reporter, written } = begin({ teaching: false })
  for (const event of talk.filter((one) => one.kind === 'phase')) reporter.tell(event)
  expect(written()).toBe('\nPhase 1 of 8: Launch it\n\nPhase 2 of 8: Install\n')
})

test('a plan is shown however quiet it is to be, but not to whoever has said yes to it', () => {
  const plan: Event = { kind: 'plan', text: '  what there is, in columns  that   stay' }
  const asked = begin({ quiet: true })
  asked.reporter.tell(plan)
  expect(asked.written()).toBe(`${plan.text}\n`)
  const agreed = begin({ quiet: true, teaching: false })
  agreed.reporter.tell(plan)
  expect(agreed.written()).toBe('')
})

test('a quiet reporter tells what is wrong and nothing else, however long it takes', () => {
  const { reporter, written } = begin({ quiet: true })
  for (const event of talk.filter((one) => one !== warning)) reporter.tell(event)
  reporter.tell(wait('the database'))
  vi.advanceTimersByTime(120_000)
  reporter.tell({ kind: 'waited', id: 'the database' })
  expect(written()).toBe('')
  reporter.tell(warning)
  expect(written()).toBe('✖ It broke.\n\n  Mend it.\n\n')
})

test('without a terminal a wait is told when it has taken five seconds, then every ten', () => {
  const { reporter, written } = begin()
  reporter.tell(wait('the database'))
  vi.advanceTimersByTime(4_800)
  expect(written()).toBe('')
  vi.advanceTimersByTime(86_000)
  reporter.tell({ kind: 'waited', id: 'the database' })
  vi.advanceTimersByTime(60_000)
  expect(written().split('\n')).toEqual([
    '  ... waiting for the database (5 s)',
    ...['15 s', '25 s', '35 s', '45 s', '55 s', '1 min 5 s', '1 min 15 s', '1 min 25 s'].map(
      (elapsed) => `  ... waiting for the database (${elapsed})`,
    ),
    '',
  ])
})

test('waits that are short leave no line, however many follow each other', () => {
  const { reporter, written } = begin()
  for (const id of ['a', 'b', 'c', 'd']) {
    reporter.tell(wait(id))
    vi.advanceTimersByTime(4_000)
    reporter.tell({ kind: 'waited', id })
  }
  expect(written()).toBe('')
})

test('all that is being waited for stands in one line', () => {
  const { reporter, written } = begin()
  reporter.tell(wait('the database'))
  vi.advanceTimersByTime(3_000)
  reporter.tell(wait('the server'))
  vi.advanceTimersByTime(2_000)
  expect(written()).toBe('  ... waiting for the database (5 s), the server (2 s)\n')
})

test('when the longest of several waits ends, the rest is told on without a gap', () => {
  const { reporter, written } = begin()
  reporter.tell(wait('the database'))
  vi.advanceTimersByTime(60_000)
  reporter.tell(wait('the server'))
  reporter.tell({ kind: 'waited', id: 'the database' })
  const before = written().length
  vi.advanceTimersByTime(10_000)
  expect(written().slice(before)).toMatch(/^ {2}\.\.\. waiting for the server \(\d s\)\n$/)
})

test('after its end nothing is told by itself', () => {
  const { reporter, written } = begin()
  reporter.tell(wait('the database'))
  reporter.end()
  vi.advanceTimersByTime(60_000)
  expect(written()).toBe('')
})

test('at a terminal the wait is drawn in place, and lines go above it', async () => {
  const { reporter, written } = begin({ columns: 60 })
  reporter.tell(wait('the database'))
  await vi.dynamicImportSettled()
  vi.advanceTimersByTime(1_300)
  expect(written()).toContain('the database (1 s)')
  expect(written()).not.toContain('waiting for')
  reporter.tell({ kind: 'step', text: 'rule added' })
  expect(written()).toContain('  · rule added\n')
  const drawn = written().length
  vi.advanceTimersByTime(1_000)
  expect(written().slice(drawn)).toContain('the database (2 s)')
  reporter.tell({ kind: 'waited', id: 'the database' })
  const after = written().length
  vi.advanceTimersByTime(10_000)
  expect(written().slice(after)).toBe('')
})

test('a line that is longer than the terminal is cut, since a second one could not be taken back', async () => {
  const { reporter, written } = begin({ columns: 40 })
  reporter.tell(wait(`the ${'very '.repeat(20)}long wait`))
  await vi.dynamicImportSettled()
  vi.advanceTimersByTime(400)
  const drawn = stripVTControlCharacters(written().replaceAll('\u001B[?2026l', '\n')).split(/[\r\n]/)
  const widest = Math.max(...drawn.map((line) => line.length))
  expect(widest).toBeGreaterThan(30)
  expect(widest).toBeLessThanOrEqual(40)
})

test.each([
  ['on a terminal of no columns', { columns: 0 }],
  ['on a dumb terminal', { columns: 60, env: { TERM: 'dumb' } }],
  ['in a build log that poses as a terminal', { columns: 60, env: { CI: 'true' } }],
])('%s nothing is ever animated', (_, options) => {
  const { reporter, written } = begin(options)
  reporter.tell(wait('the database'))
  vi.advanceTimersByTime(6_000)
  expect(written()).toBe('  ... waiting for the database (5 s)\n')
})

test('for a question the wait leaves the screen', () => {
  const { reporter, written } = begin({ columns: 60 })
  reporter.tell(wait('the database'))
  vi.advanceTimersByTime(400)
  reporter.tell({ kind: 'waited', id: 'the database' })
  reporter.pause()
  const before = written().length
  vi.advanceTimersByTime(5_000)
  expect(written().slice(before)).toBe('')
})
