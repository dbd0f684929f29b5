import { expect, test } from 'vitest'
import type { Event } from '../../src/lab/events.ts'
import { waitFor } from '../../src/lab/wait.ts'
import { fakeClock } from '../support/fake-clock.ts'

function begin() {
  const events: Event[] = []
  const clock = fakeClock(1_000)
  return { events, clock, kit: { clock, tell: (event: Event) => void events.push(event) } }
}

const patience = { title: 'the database', everyMs: 8_000, forMs: 60_000 }
const told: Event = { kind: 'waiting', id: 'the database', title: 'the database', since: 1_000 }
const ended: Event = { kind: 'waited', id: 'the database' }

test('an answer that is there at once comes without a pause and without a word', async () => {
  const { kit, events, clock } = begin()
  expect(await waitFor(patience, async () => 'ready', kit)).toBe('ready')
  expect({ events, slept: clock.slept }).toEqual({ events: [], slept: [] })
})

test('a wait is told once, since its beginning, and its end too', async () => {
  const { kit, events } = begin()
  let asked = 0
  expect(await waitFor(patience, async () => (++asked < 5 ? undefined : asked), kit)).toBe(5)
  expect(events).toEqual([told, ended])
})

test('answers that are false, 0 or empty are answers', async () => {
  const { kit } = begin()
  expect(await waitFor(patience, async () => 0, kit)).toBe(0)
  expect(await waitFor(patience, async () => false, kit)).toBe(false)
})

test('it asks often at first, then at the interval, give or take a tenth', async () => {
  const { kit, clock } = begin()
  await waitFor({ ...patience, forMs: 600_000 }, async () => undefined, kit)
  const [first = 0, ...rest] = clock.slept
  expect(first).toBeGreaterThanOrEqual(225)
  expect(first).toBeLessThanOrEqual(275)
  const late = rest.slice(-20)
  expect(late.filter((pause) => pause < 7_200 || pause > 8_800)).toEqual([])
  expect(new Set(late).size).toBeGreaterThan(1)
})

test('patience ends: the last question is asked when its time is over, then there is no answer', async () => {
  const { kit, clock, events } = begin()
  const askedAt: number[] = []
  const probe = async () => void askedAt.push(clock.now() - 1_000)
  expect(await waitFor(patience, probe, kit)).toBeUndefined()
  expect(askedAt.at(-1)).toBeGreaterThanOrEqual(60_000)
  expect(askedAt.at(-1)).toBeLessThan(60_000 + 8_800)
  expect(askedAt.filter((at) => at >= 60_000)).toHaveLength(1)
  expect(events).toEqual([told, ended])
})

test('without patience it asks once', async () => {
  const { kit, clock, events } = begin()
  let asked = 0
  expect(await waitFor({ ...patience, forMs: 0 }, async () => void asked++, kit)).toBeUndefined()
  expect({ asked, slept: clock.slept, events }).toEqual({ asked: 1, slept: [], events: [] })
})

test('an error of the question ends the wait at once, and its end is told', async () => {
  const { kit, events } = begin()
  let asked = 0
  const probe = async () => {
    if (++asked === 3) throw new Error('gone')
    return undefined
  }
  await expect(waitFor(patience, probe, kit)).rejects.toThrow('gone')
  expect(asked).toBe(3)
  expect(events).toEqual([told, ended])
})
