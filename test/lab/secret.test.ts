import { format, inspect } from 'node:util'
import { expect, test } from 'vitest'
import { newPassword, Secret } from '../../src/lab/secret.ts'

const text = 'correct-horse'
const secret = new Secret(text)

test('reveal() tells the text', () => {
  expect(secret.reveal()).toBe(text)
})

test.each([
  ['String()', String(secret)],
  ['a template literal', `${secret}`],
  ['joining', ['', secret].join('')],
  ['util.inspect', inspect(secret)],
  ['%s', format('%s', secret)],
  ['%o', format('%o', secret)],
])('%s shows dots', (_, shown) => {
  expect(shown).toBe('••••')
})

test.each([
  ['JSON', JSON.stringify({ password: secret })],
  ['util.inspect of what holds it', inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
  ['util.inspect without custom ways', inspect(secret, { customInspect: false, showHidden: true })],
  ['an error’s message', new Error(`wrong password ${secret}`).message],
  ['an error’s cause', inspect(new Error('wrong', { cause: secret }))],
  ['a copy of its fields', JSON.stringify({ ...secret })],
])('%s does not tell the text', (_, shown) => {
  expect(shown).not.toContain(text)
})

test('a new password is 32 letters and digits, and another one each time', () => {
  const all = Array.from({ length: 1_000 }, () => newPassword().reveal())
  expect(all.filter((one) => !/^[A-Za-z0-9]{32}$/.test(one))).toEqual([])
  expect(new Set(all).size).toBe(1_000)
  // Every letter is in use: 32 000 draws leave none of 62 out.
  expect(new Set(all.join('')).size).toBe(62)
})
