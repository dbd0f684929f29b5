import { expect, test } from 'vitest'
import { COMMANDS, COMMON_FLAGS } from '../../src/lab/command-words.ts'
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
