import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { drills } from '../../src/drills/all.ts'
import { rootCauses } from '../../src/lab/check.ts'
import { examineBy, outline, RECORDINGS, readRecording, replay } from '../support/recording.ts'

const causes = new Map([
  ['healthy', undefined],
  ...drills.map(({ id, expectedCheck }) => [id, expectedCheck] as const),
])
const recorded = readdirSync(RECORDINGS)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''))

test('each drill is recorded, and the lab without one', () => {
  expect(recorded.toSorted()).toEqual([...causes.keys()].toSorted())
})

test.for(recorded)('by what it saw of %s the doctor comes to the same result', async (name) => {
  const results = await examineBy(replay(readRecording(name)))
  const cause = causes.get(name)
  expect(rootCauses(results)).toEqual(cause === undefined ? [] : [cause])
  await expect(`${outline(results).join('\n')}\n`).toMatchFileSnapshot(`../recordings/${name}.txt`)
})
