import type { CostOptions, Priced } from '../../commands/cost.ts'
import { PLANS, type PricePlan } from '../../lab/cost.ts'
import { hasCode } from '../../lab/finding.ts'
import { labId } from '../argument-parsers.ts'
import type { CliCommand } from '../command.ts'
import { isGiven, textOf } from '../given.ts'
import { handmadeLab, WHICH_DATABASE, WHICH_SERVER } from '../handmade-flags.ts'
import { withLab } from '../open-labs.ts'
import type { Session } from '../session.ts'

interface Options {
  readonly live: boolean
  readonly plan: PricePlan | undefined
  readonly handmade: ReturnType<typeof handmadeLab>
  readonly id: string | undefined
  /** The lab may have no record. */
  readonly isLost: boolean
}

export const cost: CliCommand<Options, Priced> = {
  usage: 'cost',
  about: 'what the lab costs: an hour, so far, and if it is forgotten',
  flags: [
    { flag: '--live', about: 'ask AWS’s price list, instead of the prices that flasklab comes with' },
    { flag: '--plan <plan>', about: 'how your account pays', choices: PLANS },
    { flag: '--adopt', about: 'price a lab that was made by hand, by the handout’s names' },
    WHICH_SERVER,
    WHICH_DATABASE,
    { flag: '--practice', about: 'look in the practice cloud, for a lab whose record is lost' },
    {
      flag: '--id <id>',
      about: 'which of several labs of one name whose records are lost',
      parse: labId,
    },
  ],
  notes: `
Before there is a lab, it prices the one of the handout (--region says where).
Plans: none (you pay), credits (an account opened since 15 July 2025), legacy
(an older one). --live needs AWS credentials that may do pricing:GetProducts.`,
  options(given) {
    const plan = textOf(given, 'plan')
    const id = textOf(given, 'id')
    return {
      live: isGiven(given, 'live'),
      plan: PLANS.find((each) => each === plan),
      handmade: handmadeLab(given),
      id,
      isLost: id !== undefined || isGiven(given, 'practice'),
    }
  },
  async run(options, session) {
    const [{ askPricesForLab }, { regionOfLab }, { cost: priceLab, costOfHandout }] = await Promise.all([
      import('../../world/live-prices.ts'),
      import('../../world/region-of-lab.ts'),
      import('../../commands/cost.ts'),
    ])
    const { whereabouts } = session
    const prices = options.live ? await askPricesForLab(whereabouts) : undefined
    const priced = (bills: boolean): CostOptions => ({ prices, plan: options.plan, bills })
    try {
      return await withLab(whichLab(options), session, (kit, { bills }) => priceLab(priced(bills), kit))
    } catch (error) {
      if (!hasCode(error, 'unknown-lab') || isNamed(options, session)) throw error
      return costOfHandout(priced(true), await regionOfLab(whereabouts), session.io.clock.now())
    }
  },
  json: ({ report }) => report,
  async view(priced, paper) {
    const { costText } = await import('../../terminal/views/cost.ts')
    return costText(priced, paper)
  },
}

function whichLab({ handmade, isLost, id }: Options) {
  return { lookup: handmade ? 'make' : isLost ? 'lost' : 'find', handmade, id } as const
}

/** A lab that was named is missed; else there is just none yet. */
function isNamed({ id }: Options, { flags }: Session): boolean {
  return flags.lab !== undefined || id !== undefined
}
