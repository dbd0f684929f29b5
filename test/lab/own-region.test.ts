import { expect, test } from 'vitest'
import { flasklab } from '../../src/lab/command.ts'
import { LabError } from '../../src/lab/finding.ts'
import { checkOwnRegion } from '../../src/lab/own-region.ts'
import { fakeWorld } from '../phases/fake-kit.ts'

const nowhere = new LabError(
  { what: 'There is none.', remedy: { say: 'Name one.', run: [flasklab('up', { region: 'us-east-1' })] } },
  { code: 'no-region' },
)

test('a region that is none is corrected in the record, which no flag changes; before there is one, by the flag', async () => {
  using world = fakeWorld({ checkRegion: () => Promise.reject(nowhere) })
  const remedy = () => checkOwnRegion(world.kit).catch((error: unknown) => (error as LabError).finding.remedy)
  expect(await remedy()).toEqual(nowhere.finding.remedy)
  world.kit.record.save({})
  expect(await remedy()).toEqual({ say: expect.stringContaining('behind "region" in /') })
})
