import { type Cost, costOf } from '../../lab/cost.ts'
import { listedPrices } from '../../lab/prices.ts'
import { plannedUsage } from '../../lab/usage.ts'
import { cents, money } from '../format.ts'

/** How `status` tells it, in one line. */
export function costLine(
  { hourly, soFar, unknown }: Pick<Cost, 'hourly' | 'soFar' | 'unknown'>,
  bills: boolean,
): string {
  const more = unknown.length === 0 ? '' : `, and what is unknown: ${unknown.join(', ')}`
  const sums = `${money(soFar)} so far, ${money(hourly)} an hour${more}`
  return bills ? sums : `nothing here bills; on AWS it would be ${sums}`
}

/** The price, as `up` tells it before it asks. */
export function priceSentence(region: string): string {
  // The next 30 days cost the same whenever they begin.
  const { hourly, ifForgotten30Days } = costOf(plannedUsage(0), listedPrices(region), 0)
  if (hourly === null)
    return `The cost of that on AWS in ${region} is not known here: "flasklab cost --live --region ${region}" asks AWS.`
  return `On AWS, by its list prices of ${region}, that is ${money(hourly)} an hour, ${cents(hourly * 24)} a day, ${cents(ifForgotten30Days)} in 30 days, until "flasklab cleanup" ("flasklab cost" has the items).`
}
