import { expect, test } from 'vitest'
import { createTheme, wrap } from '../../src/terminal/theme.ts'

const screen = { isTTY: true, columns: 100 }

function isColoured(environment: NodeJS.ProcessEnv, isTTY = true): boolean {
  return createTheme({ isTTY, columns: 80 }, environment).ink.red('x') !== 'x'
}

test.each([
  ['a terminal', {}, true, true],
  ['no terminal', {}, false, false],
  ['NO_COLOR', { NO_COLOR: '1' }, true, false],
  ['NO_COLOR=0, which is set all the same', { NO_COLOR: '0' }, true, false],
  ['an empty NO_COLOR', { NO_COLOR: '' }, true, true],
  ['FORCE_COLOR without a terminal', { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=3 without a terminal', { FORCE_COLOR: '3' }, false, true],
  ['FORCE_COLOR=0 at a terminal', { FORCE_COLOR: '0' }, true, false],
  ['FORCE_COLOR=false at a terminal', { FORCE_COLOR: 'false' }, true, false],
  ['an empty FORCE_COLOR without a terminal', { FORCE_COLOR: '' }, false, false],
  ['an empty FORCE_COLOR at a terminal', { FORCE_COLOR: '' }, true, true],
  ['NO_COLOR against FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['TERM=dumb', { TERM: 'dumb' }, true, false],
  ['TERM=dumb with FORCE_COLOR', { TERM: 'dumb', FORCE_COLOR: '1' }, true, true],
])('%s: colour is decided', (_, environment, isTTY, expected) => {
  expect(isColoured(environment, isTTY)).toBe(expected)
})

test.each([
  ['xterm-256color', { done: '✔', failed: '✖', dot: '·' }],
  ['dumb', { done: '+', failed: 'x', dot: '-' }],
  ['linux', { done: '+', failed: 'x', dot: '-' }],
])('on %s the symbols are those that it can show', (TERM, symbols) => {
  expect(createTheme(screen, { TERM }).symbols).toEqual(symbols)
})

test.each([
  [undefined, 80],
  [0, 80],
  [20, 40],
  [40, 40],
  [72, 72],
  [100, 100],
  [300, 100],
])('on a screen of %s columns prose is %i wide', (columns, width) => {
  expect(createTheme(columns === undefined ? {} : { columns }, {}).width).toBe(width)
})

test.each([
  ['a terminal', { isTTY: true, columns: 80 }, {}, true],
  ['a terminal of no columns', { isTTY: true, columns: 0 }, {}, false],
  ['no terminal', { columns: 80 }, {}, false],
  ['a dumb terminal', { isTTY: true, columns: 80 }, { TERM: 'dumb' }, false],
  ['a terminal without colour', { isTTY: true, columns: 80 }, { NO_COLOR: '1' }, true],
])('%s: whether a line may be drawn again in place is decided', (_, at, environment, expected) => {
  expect(createTheme(at, environment).animated).toBe(expected)
})

test('prose is broken at spaces and indented', () => {
  expect(wrap('one two three four', 11, '  ')).toBe('  one two\n  three\n  four')
})

test('a text that fits exactly is not broken', () => {
  expect(wrap('12345 789', 9, '')).toBe('12345 789')
  expect(wrap('12345 7890', 9, '')).toBe('12345\n7890')
})

test('a word that is longer than the line is never cut', () => {
  const url = 'http://a-very-long-name.us-east-1.rds.amazonaws.com:3306'
  expect(wrap(`see ${url} now`, 20, '')).toBe(`see\n${url}\nnow`)
})

test('lines that are there stay, with their own indentation, and continue under it', () => {
  expect(wrap('Plan:\n  1. make the server\n\n  2. done', 14, '')).toBe(
    'Plan:\n  1. make the\n  server\n\n  2. done',
  )
})

test('no line ends in a space', () => {
  expect(wrap('  \nword  ', 20, '  ')).toBe('\n  word')
})
