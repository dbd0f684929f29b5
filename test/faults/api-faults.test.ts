import { describe, expect, test } from 'vitest'
import type { RequestFault } from '../../src/practice/faults.ts'
import { ALL_FAULTS, NOTHING, ONE_LAB, prepareFaults, sample } from './fault-ground.ts'

const { student, plan, momentsOf, counts, cleanUp } = prepareFaults()

const UP = ['up', '--practice', '--yes', '--json']
const CLEANUP = ['cleanup', '--yes', '--json']
const LONG = { timeout: 7_200_000 }

const operationsIn = (moments: readonly string[]) => [...new Set(moments)].filter((what) => what !== 'ssh')

async function operationsOf(...words: string[]): Promise<string[]> {
  return operationsIn(await momentsOf(...words))
}

describe('every operation that fails once', () => {
  test.each<RequestFault>(['throttled', 'internal', 'cut', 'cut-answer'])(
    '(%s) is asked again',
    async (how) => {
      await plan({ requests: { actions: 'each', times: 1, how } })
      const up = await student().types(UP)
      const made = counts()
      await plan({ requests: { actions: 'each', times: 1, how } })
      const cleanup = await student().types(CLEANUP)
      const seen = { up: up.code, made, cleanup: cleanup.code, left: counts() }
      expect(seen, up.stdout + cleanup.stdout).toEqual({ up: 0, made: ONE_LAB, cleanup: 0, left: NOTHING })
    },
  )

  test('(never answered) is asked again', LONG, async () => {
    const all = await operationsOf(...UP)
    const ofCleanup = await operationsOf(...CLEANUP)
    const actions = sample(all)
    await plan({ requests: { actions, times: 1, how: 'ignored' } })
    const up = await student().types(UP)
    const made = counts()
    await plan({ requests: { actions: sample(ofCleanup), times: 1, how: 'ignored' } })
    const cleanup = await student().types(CLEANUP)
    const seen = { up: up.code, made, cleanup: cleanup.code, left: counts() }
    expect(seen, up.stdout + cleanup.stdout).toEqual({ up: 0, made: ONE_LAB, cleanup: 0, left: NOTHING })
  })
})

// A throttled request is tried ten times, for a minute: too long for a sample.
const FOR_GOOD: readonly RequestFault[] = ALL_FAULTS
  ? ['unauthorized', 'expired', 'throttled']
  : ['unauthorized', 'expired']

describe('any operation that fails for good', () => {
  test.each(FOR_GOOD)(
    '(%s) ends in a finding, and once it works again the lab is completed and cleaned up',
    LONG,
    async (how) => {
      const ofUp = await operationsOf(...UP)
      const ofCleanup = await operationsOf(...CLEANUP)
      const failed: unknown[] = []
      const attempt = async (words: readonly string[], action: string) => {
        await plan({ requests: { actions: [action], times: 1_000, how } })
        const { code, stdout, stderr } = await student().types(words)
        const isTrace = /^\s+at /m.test(stderr + stdout)
        if ((code !== 0 && code !== 1) || isTrace) failed.push({ action, words, code, stdout, stderr })
        if (code === 1 && how === 'unauthorized' && !stdout.includes(action))
          failed.push({ action, words, stdout })
        return code
      }
      for (const action of sample(ofUp)) {
        // One that up can do without, or that is not asked twice: the next begins anew.
        if ((await attempt(UP, action)) === 0) await cleanUp()
      }
      const resumed = await momentsOf(...UP)
      const made = counts()
      for (const action of sample(ofCleanup)) {
        if ((await attempt(CLEANUP, action)) === 0) await momentsOf(...UP)
      }
      const receipt = await cleanUp()
      expect(failed).toEqual([])
      expect({ resumed: resumed.length > 0, made, clean: receipt.clean, left: counts() }).toEqual({
        resumed: true,
        made: ONE_LAB,
        clean: true,
        left: NOTHING,
      })
    },
  )
})
