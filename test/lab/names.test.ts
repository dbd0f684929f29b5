import { expect, test } from 'vitest'
import { cleanGroupText, cleanTagValue, isLabName, namesFor, printable } from '../../src/lab/names.ts'

test('the first lab of an account has the names that the handout gives', () => {
  expect(namesFor({ name: 'lab', id: '0a1b2c3d4e' })[0]).toEqual({
    server: 'FlaskLoginServer',
    database: 'flaskdb-instance',
    webGroup: 'FlaskLoginServer-web-0a1b2c3d4e',
    keyPair: 'flasklab-lab-0a1b2c3d4e',
    subnetGroup: 'flasklab-lab-0a1b2c3d4e',
  })
})

test('where they are taken, the lab’s own name is appended, and where that is taken, its id', () => {
  const [, ...others] = namesFor({ name: 'renee', id: '0a1b2c3d4e' })
  expect(others.map(({ server, database }) => [server, database])).toEqual([
    ['FlaskLoginServer-renee', 'flaskdb-instance-renee'],
    ['FlaskLoginServer-renee-0a1b2c3d4e', 'flaskdb-instance-renee-0a1b2c3d4e'],
  ])
})

test('the longest lab name makes no RDS identifier that is too long', () => {
  const name = 'a'.repeat(30)
  expect(isLabName(name)).toBe(true)
  const names = namesFor({ name, id: '0a1b2c3d4e' })[2]
  expect(Math.max(names.database.length, names.subnetGroup.length)).toBeLessThanOrEqual(63)
})

test.each(['a', 'lab', 'lab2', 'my-lab', 'a-1-b', 'x9'])('%j can be a lab’s name', (name) => {
  expect(isLabName(name)).toBe(true)
})

test.each([
  '',
  'Lab',
  '1lab',
  '-lab',
  'lab-',
  'my--lab',
  'my lab',
  'my_lab',
  'my.lab',
  '..',
  '../lab',
  'lab/x',
  'lab\n',
  'renée',
  "student's",
  'a'.repeat(31),
])('%j can’t be a lab’s name', (name) => {
  expect(isLabName(name)).toBe(false)
})

test.each([
  ["student's lab", 'student-s lab'],
  ['Renée', 'Renée'],
  ['Rene\u0301e', 'Renée'],
  ['lab 🚀!', 'lab --'],
  ['李雷 5', '李雷 5'],
  ['arn:aws:iam::123456789012:user/a,b', 'arn:aws:iam::123456789012:user/a-b'],
  ['SHA256:a+b/c=', 'SHA256:a+b/c='],
  ['a\nb\tc', 'a-b-c'],
  ['AIDA:me@example.com', 'AIDA:me@example.com'],
])('the tag value %j becomes %j', (value, expected) => {
  expect(cleanTagValue(value)).toBe(expected)
})

test('a tag value is cut after 256 letters, never within one', () => {
  const letter = '𝒜'
  expect(cleanTagValue(letter.repeat(300))).toBe(letter.repeat(256))
  expect(cleanTagValue('a'.repeat(300))).toBe('a'.repeat(256))
})

test.each([
  ["student's lab", 'student-s lab'],
  ['Renée’s server → 22', 'Renee-s server - 22'],
  ['a 🚀 b', 'a - b'],
  ['sg-1: a_b-c/d (e) #,@[f]+=&;{g}!$*', 'sg-1: a_b-c/d (e) #,@[f]+=&;{g}!$*'],
  ['<b>"x"</b>', '-b--x--/b-'],
])('the text of a group %j becomes %j', (text, expected) => {
  expect(cleanGroupText(text)).toBe(expected)
})

test('the text of a group has 255 letters at most', () => {
  expect(cleanGroupText('é'.repeat(300))).toBe('e'.repeat(255))
})

test.each([
  ['lab\nLab "x" was deleted', 'lab\uFFFDLab "x" was deleted'],
  ['\u001B[2Jgone', '\uFFFD[2Jgone'],
  ['\u009B31m', '\uFFFD31m'],
  ['a\u202Ebal', 'a\uFFFDbal'],
  ['la\u200Bb', 'la\uFFFDb'],
  ['a\u2028b\u2029c\uFEFF', 'a\uFFFDb\uFFFDc\uFFFD'],
  ['Renée’s 李雷 → 🚀', 'Renée’s 李雷 → 🚀'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})
