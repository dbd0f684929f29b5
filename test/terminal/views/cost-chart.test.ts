import { expect, test } from 'vitest'
import { listedPrices } from '../../../src/lab/prices.ts'
import { plannedUsage, type Usage } from '../../../src/lab/usage.ts'
import { phaseNumber, phasesInOrder } from '../../../src/phases/in-order.ts'
import { costChart } from '../../../src/terminal/views/cost-chart.ts'

const DAY = 24 * 3_600_000
const NOW = Date.parse('2026-11-22T10:00:00Z')
const prices = listedPrices('us-east-1')

test('draws 30 days of a planned lab, with the moment of each phase’s resource', () => {
  expect(costChart({ usage: plannedUsage(NOW), prices, now: NOW, numberOf: phaseNumber }, 80)).toBe(
    `Spent from the first resource to 30 days from now (11-22 to 12-22):
   $26.23 |                                                    ********
          |                                             *******
   $19.67 |                                     ********
          |                              *******
   $13.11 |                       *******
          |               ********
    $6.56 |        *******
          | *******
          +14^---------------------------------------------------------
           11-22                                                 12-22
  1 2026-11-22 10:00 UTC  phase 1: server
  4 2026-11-22 10:00 UTC  phase 4: database
  ^ 2026-11-22 10:00 UTC  now`,
  )
})

test('numbers the phases by their places in the list, whatever stands between them', () => {
  const more = phasesInOrder.flatMap((phase) =>
    phase.fact === 'host' ? [phase, { ...phase, fact: 'network' as const }] : [phase],
  )
  const chart = costChart(
    { usage: plannedUsage(NOW), prices, now: NOW, numberOf: (fact) => phaseNumber(fact, more) },
    80,
  )
  expect(chart.split('\n').filter((each) => each.includes('phase'))).toEqual([
    '  1 2026-11-22 10:00 UTC  phase 1: server',
    '  5 2026-11-22 10:00 UTC  phase 5: database',
  ])
})

function line(change: Partial<Usage>): Usage {
  return {
    id: 'database',
    what: 'database flaskdb-instance (db.t3.micro, stopped)',
    meter: 'database:db.t3.micro',
    amount: 1,
    fact: 'database',
    from: NOW - 10 * DAY,
    until: NOW,
    leastMs: 0,
    goesOn: NOW,
    ...change,
  }
}

test('begins with the first resource, and sets each mark at its time', () => {
  const server = line({
    id: 'server',
    what: 'server i-1',
    meter: 'server:t3.micro',
    fact: 'server',
    from: NOW - 30 * DAY,
  })
  const lines = costChart({ usage: [server, line({})], prices, now: NOW, numberOf: phaseNumber }, 80).split(
    '\n',
  )
  // 60 columns for 60 days: the server on the first, the database 20 days later, now in the middle.
  const axis = lines.find((each) => each.includes('+'))?.split('+')[1] ?? ''
  expect([axis.indexOf('1'), axis.indexOf('4'), axis.indexOf('^'), axis.length]).toEqual([0, 20, 30, 60])
  expect(lines[0]).toContain('(10-23 to 12-22)')
})

test('stays flat while a database rests, and marks when AWS starts it', () => {
  const resting = line({ until: NOW - 2 * DAY, goesOn: NOW + 5 * DAY })
  expect(
    costChart({ usage: [resting], prices, now: NOW, numberOf: phaseNumber }, 80),
  ).toBe(`Spent from the first resource to 30 days from now (11-12 to 12-22):
   $13.46 |                                                     *******
          |                                               ******
   $10.10 |                                         ******
          |                                   ******
    $6.73 |                             ******
          |                       ******
    $3.37 |       ****************
          | ******
          +4--------------^------r-------------------------------------
           11-12                                                 12-22
  4 2026-11-12 10:00 UTC  phase 4: database flaskdb-instance
  ^ 2026-11-22 10:00 UTC  now
  r 2026-11-27 10:00 UTC  AWS starts it by itself: database flaskdb-instance`)
})

test('draws nothing where nothing costs, or nothing is known', () => {
  expect(costChart({ usage: [], prices, now: NOW, numberOf: phaseNumber }, 80)).toBe('')
  expect(
    costChart(
      { usage: plannedUsage(NOW), prices: listedPrices('mars-north-1'), now: NOW, numberOf: phaseNumber },
      80,
    ),
  ).toBe('')
  expect(
    costChart(
      { usage: [line({ from: undefined, goesOn: undefined })], prices, now: NOW, numberOf: phaseNumber },
      80,
    ),
  ).toBe('')
})
