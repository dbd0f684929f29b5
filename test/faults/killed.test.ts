import { describe, expect, test } from 'vitest'
import { isReading, NOTHING, ONE_LAB, prepareFaults, sample } from './fault-ground.ts'

const { student, plan, moments, momentsOf, counts, cleanUp } = prepareFaults()

interface KillPoint {
  readonly moment: number
  readonly when: 'before' | 'after'
}

/** Runs a command that is killed there: how it ended, and how it was to end. A run that has waited less ends before. */
async function kill(point: KillPoint, words: readonly string[]) {
  await plan({ kill: point })
  const { code } = await student().types(words)
  return { code, wished: (await moments()).length < point.moment ? 0 : null }
}

/** Before the first, and after each: between two that follow each other there is nothing to lose. */
function killPoints(all: readonly string[]): KillPoint[] {
  const points: KillPoint[] = []
  for (const [index, what] of all.entries()) {
    const moment = index + 1
    if (index === 0 || !isReading(what)) points.push({ moment, when: 'before' })
    points.push({ moment, when: 'after' })
  }
  return sample(points)
}

describe('killed with kill -9 around any request and any remote command', () => {
  test('up, run again, completes with one of everything, and cleanup leaves nothing', {
    timeout: 7_200_000,
  }, async () => {
    const all = await momentsOf('up', '--practice', '--yes')
    await cleanUp()
    const points = killPoints(all)
    const failed: unknown[] = []
    for (const point of points) {
      const killed = await kill(point, ['up', '--practice', '--yes'])
      await plan({})
      const resumed = await student().types(['up', '--practice', '--yes'])
      const made = counts()
      const receipt = await cleanUp()
      const seen = { killed: killed.code, resumed: resumed.code, made, clean: receipt.clean, left: counts() }
      const wished = { killed: killed.wished, resumed: 0, made: ONE_LAB, clean: true, left: NOTHING }
      if (JSON.stringify(seen) !== JSON.stringify(wished))
        failed.push({ point, what: all[point.moment - 1], seen, said: resumed.stderr })
    }
    process.stderr.write(`up was killed at ${points.length} points of ${all.length} moments\n`)
    expect(failed).toEqual([])
  })

  test('cleanup, run again, leaves nothing', { timeout: 7_200_000 }, async () => {
    await momentsOf('up', '--practice', '--yes')
    const all = await momentsOf('cleanup', '--yes')
    const points = killPoints(all)
    const failed: unknown[] = []
    for (const point of points) {
      await momentsOf('up', '--practice', '--yes')
      const killed = await kill(point, ['cleanup', '--yes'])
      const receipt = await cleanUp()
      const seen = { killed: killed.code, clean: receipt.clean, left: counts() }
      if (JSON.stringify(seen) !== JSON.stringify({ killed: killed.wished, clean: true, left: NOTHING }))
        failed.push({ point, what: all[point.moment - 1], seen, receipt })
    }
    process.stderr.write(`cleanup was killed at ${points.length} points of ${all.length} moments\n`)
    expect(failed).toEqual([])
  })
})
