import { expect, test } from 'vitest'
import { systemClock } from '../../src/cli/system-clock.ts'
import {
  type Check,
  DoesNotApply,
  diagnose,
  fail,
  type Outcome,
  pass,
  rootCauses,
  warn,
} from '../../src/lab/check.ts'
import { LabError } from '../../src/lab/finding.ts'

const LIMITS = { eachMs: 5_000, allMs: 5_000 }
const wrong = { what: 'It is wrong.', remedy: { say: 'Mend it.' } }

function check(
  id: string,
  needs: readonly string[],
  examine: () => Promise<Outcome> = async () => pass(),
  explainedBy: readonly string[] = [],
): Check<undefined> {
  return { id, title: `Is ${id} well`, needs, explainedBy, examine }
}

const statuses = async (checks: readonly Check<undefined>[]) =>
  Object.fromEntries(
    (await diagnose(checks, undefined, LIMITS, systemClock)).map((result) => [result.id, result.status]),
  )

test('where a check fails, those that need it are blocked and not asked, and name it', async () => {
  const asked: string[] = []
  const asks = (id: string, outcome: Outcome) => async () => {
    asked.push(id)
    return outcome
  }
  const results = await diagnose(
    [
      check('door', [], asks('door', fail(wrong))),
      check('room', ['door'], asks('room', pass())),
      check('table', ['room'], asks('table', pass())),
      check('garden', [], asks('garden', pass('green'))),
    ],
    undefined,
    LIMITS,
    systemClock,
  )
  expect(asked).toEqual(['door', 'garden'])
  expect(results).toEqual([
    { id: 'door', title: 'Is door well', status: 'fail', finding: wrong },
    { id: 'room', title: 'Is room well', status: 'blocked', blockedBy: ['door'] },
    { id: 'table', title: 'Is table well', status: 'blocked', blockedBy: ['room'] },
    { id: 'garden', title: 'Is garden well', status: 'pass', remark: 'green' },
  ])
  expect(rootCauses(results)).toEqual(['door'])
})

test('two faults in different places are two root causes', async () => {
  const broken = async () => fail(wrong)
  const results = await diagnose(
    [check('one', [], broken), check('other', [], broken)],
    undefined,
    LIMITS,
    systemClock,
  )
  expect(rootCauses(results)).toEqual(['one', 'other'])
})

test('a failure that another one brings about is blocked by it, and no root cause', async () => {
  const broken = async () => fail(wrong)
  expect(await statuses([check('service', [], broken, ['settings']), check('settings', [], broken)])).toEqual(
    { service: 'blocked', settings: 'fail' },
  )
  expect(await statuses([check('service', [], broken, ['settings']), check('settings', [])])).toEqual({
    service: 'fail',
    settings: 'pass',
  })
})

test('and so is one that another one explains in this very case', async () => {
  const explaining = async () => ({ ...fail(wrong), explains: ['settings'] })
  const broken = async () => fail(wrong)
  const both = [check('login', [], explaining), check('settings', [], broken), check('other', [], broken)]
  expect(await statuses(both)).toEqual({ login: 'fail', settings: 'blocked', other: 'fail' })
})

test('a warning and what does not apply keep nobody from being asked', async () => {
  expect(
    await statuses([
      check('odd', [], async () => warn(wrong)),
      check('absent', [], () => Promise.reject(new DoesNotApply('not here'))),
      check('next', ['odd', 'absent']),
    ]),
  ).toEqual({ odd: 'warn', absent: 'skipped', next: 'pass' })
})

test('a finding that a check throws is its failure; anything else is a bug', async () => {
  const finding = async () => Promise.reject(new LabError(wrong))
  expect(await diagnose([check('door', [], finding)], undefined, LIMITS, systemClock)).toMatchObject([
    { status: 'fail', finding: wrong },
  ])
  const bug = async () => Promise.reject(new TypeError('no'))
  await expect(diagnose([check('door', [], bug)], undefined, LIMITS, systemClock)).rejects.toThrow(TypeError)
})

test('a check that never answers fails in its time, and all of them end in theirs', async () => {
  const silent = () => new Promise<Outcome>(() => {})
  const each = await diagnose(
    [check('door', [], silent), check('garden', [])],
    undefined,
    {
      eachMs: 30,
      allMs: 5_000,
    },
    systemClock,
  )
  expect(each.map(({ status }) => status)).toEqual(['fail', 'pass'])
  expect(each[0]).toMatchObject({
    finding: { what: expect.stringContaining('"Is door well" could not be answered') },
  })
  const all = await diagnose(
    [check('door', [], silent)],
    undefined,
    { eachMs: 5_000, allMs: 30 },
    systemClock,
  )
  expect(all.map(({ status }) => status)).toEqual(['fail'])
})

test('checks that do not need each other are asked at the same time', async () => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const waits = async () => {
    await opened
    return pass()
  }
  const opens = async () => {
    open()
    return pass()
  }
  expect(await statuses([check('waits', [], waits), check('opens', [], opens)])).toEqual({
    waits: 'pass',
    opens: 'pass',
  })
})
