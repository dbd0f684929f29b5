import { expect, test } from 'vitest'
import { COMMANDS, COMMON_FLAGS, FLAGS_WITH_VALUE } from '../../src/lab/command-words.ts'
import { commandLine, commandsByWords } from '../support/command-line.ts'

test('the words and flags that findings may name are those of the command line, all of them', () => {
  const real = [...commandsByWords(commandLine())].map(([words, { options }]): [string, string[]] => [
    words,
    ['help', ...options.map(({ long }) => long?.replace(/^--/, '') ?? '')].toSorted(),
  ])
  const listed = Object.entries(COMMANDS).map(([words, flags]): [string, string[]] => [
    words,
    [...flags, ...(words === '' ? ['help'] : COMMON_FLAGS)].toSorted(),
  ])
  expect(Object.fromEntries(real)).toEqual(Object.fromEntries(listed))
})

test('the flags that want a value are those of the command line', () => {
  const options = [...commandsByWords(commandLine()).values()].flatMap((each) => each.options)
  const wanting = options.filter(({ required }) => required).map(({ long }) => long?.replace(/^--/, ''))
  expect([...new Set(wanting)].toSorted()).toEqual(FLAGS_WITH_VALUE.toSorted())
})
