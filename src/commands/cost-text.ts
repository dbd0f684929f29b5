import { type Cost, type CostItem, costOf, PLANS, type Plan } from '../lab/cost.ts'
import { listedPrices, listedRegions } from '../lab/prices.ts'
import { plannedUsage } from '../lab/usage.ts'
import type { CostReport, Priced } from './cost.ts'
import { cents, money } from './money.ts'

/** How `status` tells it, in one line. */
export function costLine(
  { hourly, soFar, unknown }: Pick<Cost, 'hourly' | 'soFar' | 'unknown'>,
  bills: boolean,
): string {
  const more = unknown.length === 0 ? '' : `, and what is unknown: ${unknown.join(', ')}`
  const sums = `${money(soFar)} so far, ${money(hourly)} an hour${more}`
  return bills ? sums : `nothing here bills; on AWS it would be ${sums}`
}

/** What `up` says before it asks. */
export function priceSentence(region: string): string {
  // The next 30 days cost the same whenever they begin.
  const { hourly, ifForgotten30Days } = costOf(plannedUsage(0), listedPrices(region), 0)
  if (hourly === null)
    return `What that costs on AWS in ${region} is not known here: "flasklab cost --live --region ${region}" asks AWS.`
  return `On AWS, by its list prices of ${region}, that is ${money(hourly)} an hour, ${cents(hourly * 24)} a day, ${cents(ifForgotten30Days)} in 30 days, until "flasklab cleanup" ("flasklab cost" has the items).`
}

export function costText({ report, chart, oldest, gaps }: Priced): string {
  const { hourly, ifForgotten30Days: forgotten, items } = report
  if (items.length === 0) return headline(report)
  const perDay = hourly === null ? '' : ` (${cents(hourly * 24)} a day as it is now)`
  return [
    headline(report),
    '',
    ...table(report),
    ...unknownText(report),
    ...gaps.map((gap) => `Not known: ${gap}`),
    '',
    `If forgotten for 30 days: ${cents(forgotten)}${perDay}`,
    ...(forgotten === null ? [] : ['', ...leftOutText(report), '', ...plansText(report)]),
    ...(chart === '' ? [] : ['', chart]),
    '',
    ...pricesText(report, oldest),
  ].join('\n')
}

function headline({ lab, region, bills, items }: CostReport): string {
  if (lab === null) return `There is no lab here. The handout’s, on AWS in ${region}, would cost:`
  if (items.length === 0) return `Nothing of the lab "${lab}" exists: it costs nothing.`
  if (bills) return `Lab "${lab}" in ${region}`
  return `Nothing of the lab "${lab}" bills: it is not on AWS.\nThere, in ${region}, the same lab would cost:`
}

const NAME_WIDTH = 56

function table({ items, hourly, soFar, lab, unknown }: CostReport): string[] {
  const row = (name: string, one: string, other: string) =>
    `  ${name.padEnd(NAME_WIDTH)}${one.padStart(9)}${lab === null ? '' : other.padStart(11)}`
  const total = unknown.length === 0 ? 'together' : 'together, of what is known'
  return [
    row('', 'an hour', 'so far'),
    ...items.map((item) => row(fit(item), money(item.hourly), money(item.soFar))),
    row(total, money(hourly), money(soFar)),
  ]
}

/** Names are worth a line of their own where they would push the sums aside. */
function fit({ what }: CostItem): string {
  return what.length < NAME_WIDTH ? what : `${what}\n${' '.repeat(NAME_WIDTH + 2)}`
}

function unknownText({ unknown, items, region, live }: CostReport): string[] {
  if (unknown.length === 0) return []
  const names = items.filter(({ id }) => unknown.includes(id)).map(({ what }) => `  ${what}`)
  return ['', 'Unknown, and not counted:', ...names, ...whoKnows(region, live)]
}

function whoKnows(region: string, live: boolean): string[] {
  const regions = listedRegions()
  if (live) return ['AWS’s price list does not tell.']
  if (regions.includes(region)) return ['"flasklab cost --live" asks AWS.']
  return [
    `flasklab comes with prices of ${regions.join(', ')};`,
    '"flasklab cost --live" asks AWS for others.',
  ]
}

const LEFT_OUT_NAMES: Readonly<Record<string, string>> = {
  'public-ipv4': 'the server’s public IPv4 address',
  'root-volume': 'the server’s root volume',
  'database-ipv4': 'the database’s public IPv4 address',
}

function leftOutText({ leftOut, items }: CostReport): string[] {
  return [
    'What an estimate of server, database and storage leaves out, in 30 days:',
    ...leftOut.map(({ id, what, in30Days }) => {
      const isThere = items.some((item) => item.id === id)
      const name = isThere ? (LEFT_OUT_NAMES[id] ?? what) : `${what}, if it is not 8.4`
      return `  ${name.padEnd(NAME_WIDTH)}${cents(in30Days).padStart(9)}`
    }),
  ]
}

function plansText(report: CostReport): string[] {
  const heading =
    report.plan === null
      ? 'By account plan; which one yours is, is unknown here (--plan says it):'
      : 'By your account’s plan:'
  const plans = report.plan === null ? PLANS : [report.plan]
  return [heading, ...plans.flatMap((plan) => planText(plan, report))]
}

const YOU_PAY = 'you pay all of it'

function planText(plan: Plan, { ifForgotten30Days }: CostReport): readonly string[] {
  const lines: Readonly<Record<Plan, readonly string[]>> = {
    none: [YOU_PAY],
    credits: [
      'an account opened since 15 July 2025: its credits pay while they',
      `last (30 days take ${cents(ifForgotten30Days)}); a free plan ends after six months at most`,
    ],
    legacy: ['an older account: its 12 free months were over by 15 July 2026, so', YOU_PAY],
  }
  return lines[plan].map((line, index) => `  ${(index === 0 ? plan : '').padEnd(9)}${line}`)
}

function pricesText({ live, pricesAsOf, lab }: CostReport, oldest: string | undefined): string[] {
  const age = pricesAsOf === null ? '' : `, the oldest of ${pricesAsOf} (${oldest})`
  return [
    ...(live ? [`Prices: AWS’s list, asked just now in us-east-1${age}.`] : []),
    ...(!live && age !== ''
      ? [`Prices: AWS’s list${age};`, '"flasklab cost --live" asks AWS for today’s.']
      : []),
    'US dollars, on demand, without tax. Not counted: more than 100 GB a month to the',
    `internet, CPU beyond the burst credits, snapshots${lab === null ? '.' : ', and what is gone:'}`,
    ...(lab === null ? [] : ['servers and databases that were replaced, stops of the database before.']),
  ]
}
