import { expect, test } from 'vitest'
import type { Diagnosis } from '../../../src/commands/doctor.ts'
import { doctorText } from '../../../src/terminal/views/doctor.ts'
import { plainPaper } from '../../support/plain-paper.ts'

const paper = plainPaper(60)
const finding = { what: 'The door is shut.', remedy: { say: 'Open it.' } }
const title = 'Is it well'

function textOf(checks: Diagnosis['checks'], brief = false): string[] {
  const rootCauses = checks.filter(({ status }) => status === 'fail').map(({ id }) => id)
  const diagnosis = { lab: 'lab', healthy: rootCauses.length === 0, rootCauses, checks }
  return doctorText(diagnosis, brief, paper).split('\n')
}

const well = { id: 'house', title, status: 'pass' } as const
const broken = { id: 'door', title, status: 'fail', finding } as const
const needs = ['door', 'a-very-long-name', 'another-very-long-name']
const blocked = { id: 'room', title, status: 'blocked', blockedBy: needs } as const

test('a fault that fails several checks is told once, and long lines are broken under their beginning', () => {
  expect(textOf([well, broken, { ...broken, id: 'window' }, blocked])).toEqual([
    'ok       house   Is it well',
    'FAIL     door    Is it well',
    'FAIL     window  Is it well',
    'blocked  room    after door, a-very-long-name,',
    '                 another-very-long-name',
    '',
    `✖ The door is shut.`,
    '',
    '  Open it.',
    '',
    'To be mended: door, window.',
  ])
})

test('briefly, what is in order is left out', () => {
  expect(textOf([well, broken], true)[0]).toBe('FAIL     door   Is it well')
  expect(textOf([well], true)).toEqual(['The lab is healthy.'])
})

test('a healthy lab’s end is where its site is', () => {
  const site = {
    id: 'site-reachable',
    title,
    status: 'pass',
    remark: 'The site is at http://a:5000.',
  } as const
  expect(textOf([well, site], true)).toEqual(['The lab is healthy.', 'The site is at http://a:5000.'])
  expect(textOf([site, broken], true).join()).not.toContain('http:')
})

test('skipped checks are counted by their reasons, and the rest is not called healthy', () => {
  const skipped = (id: string, remark: string) => ({ id, title, status: 'skipped', remark }) as const
  expect(
    textOf([well, skipped('a', 'no key'), skipped('b', 'in Python'), skipped('c', 'no key')], true),
  ).toEqual(['3 of 4 checks were skipped: 2 (no key), 1 (in Python).', 'The other 1 found nothing wrong.'])
})
