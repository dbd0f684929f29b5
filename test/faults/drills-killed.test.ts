import { expect, test } from 'vitest'
import type { Diagnosis } from '../../src/commands/doctor.ts'
import { drills } from '../../src/drills/all.ts'
import { isReading, prepareFaults, sample } from './fault-ground.ts'

const { student, plan, momentsOf } = prepareFaults()

async function examine(): Promise<Diagnosis & { readonly drill?: string }> {
  const { stdout, stderr } = await student().types(['doctor', '--json'])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Diagnosis
}

test('a drill whose planting is killed anywhere is never called mended, and solving it heals the lab', {
  timeout: 7_200_000,
}, async () => {
  await momentsOf('up', '--practice', '--yes')
  // It looks at the lab first, and changes nothing by that.
  const looks = (await momentsOf('doctor')).length
  const failed: unknown[] = []
  let kills = 0
  for (const { id } of sample(drills)) {
    const all = await momentsOf('practice', 'break', id)
    await momentsOf('practice', 'solve')
    for (let moment = looks + 1; moment <= all.length; moment += 1) {
      const what = all[moment - 1] ?? ''
      // Between two that follow each other and only look there is nothing to lose.
      if (isReading(what)) continue
      kills += 1
      await plan({ kill: { moment, when: moment % 2 === 0 ? 'before' : 'after' } })
      const killed = await student().types(['practice', 'break', id])
      await plan({})
      const broken = await examine()
      const solved = await student().types(['practice', 'solve'])
      const healed = await examine()
      const isTold = broken.drill === 'unfinished' ? solved.code === 0 : broken.healthy && solved.code === 1
      if (killed.code === null && isTold && healed.healthy && healed.drill === undefined) continue
      failed.push({
        id,
        what: all[moment - 1],
        moment,
        broken: broken.drill,
        causes: healed.rootCauses,
        solved,
      })
      await momentsOf('up')
    }
  }
  process.stderr.write(`drills were killed at ${kills} points\n`)
  expect(failed).toEqual([])
})
