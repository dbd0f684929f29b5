import { type Command, flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Prices } from '../lab/prices.ts'
import type { Whereabouts } from './options.ts'
import { refusePracticeSettings } from './practice-settings.ts'
import { regionFor, storedLab } from './region-of-lab.ts'

/** Today's prices where the lab is, or would be. They are AWS's, whichever cloud the lab is on. */
export async function askPricesForLab(options: Whereabouts): Promise<Prices> {
  await refusePracticeSettings(options.io.env)
  const stored = storedLab(options)
  const profile = options.profile ?? stored?.profile
  const region = await regionFor(stored, options)
  const { askPrices } = await import('../aws/price-list.ts')
  try {
    return await askPrices({ region, ...(profile === undefined ? {} : { profile }) }, region)
  } catch (error) {
    throw error instanceof LabError ? withoutAsking(error) : error
  }
}

/** No lab depends on it, so no remedy leads to one. */
function withoutAsking({ finding, code, cause }: LabError): LabError {
  const { remedy } = finding
  const isOfLab = (command: Command) => command.kind === 'flasklab' && command.verb !== 'iam-policy'
  const run = (remedy.run ?? []).filter((command) => !isOfLab(command))
  return new LabError(
    {
      ...finding,
      remedy: { say: `${remedy.say} Or do without --live.`, run: [...run, flasklab('cost')] },
    },
    { cause, ...(code === undefined ? {} : { code }) },
  )
}
