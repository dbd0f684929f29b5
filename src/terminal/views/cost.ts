import type { CostReport, Priced } from '../../commands/cost.ts'
import { PLANS, type PricePlan } from '../../lab/cost.ts'
import { listedRegions } from '../../lab/prices.ts'
import { cents, money } from '../format.ts'
import type { Paper } from '../paper.ts'
import { type Column, table } from '../table.ts'
import { costChart } from './cost-chart.ts'

type Page = Pick<Paper, 'width' | 'fold'>

export function costText({ report, spent, oldest, gaps }: Priced, page: Page): string {
  const { width, fold } = page
  const { hourly, ifForgotten30Days: forgotten, items } = report
  if (items.length === 0) return fold(headline(report))
  const chart = costChart(spent, width)
  const perDay = hourly === null ? '' : ` (${cents(hourly * 24)} a day as it is now)`
  return [
    fold(headline(report)),
    '',
    ...itemTable(report, width),
    ...[...unknownText(report), ...gaps.map((gap) => `Not known: ${gap}`)].map((line) => fold(line)),
    '',
    fold(`If forgotten for 30 days: ${cents(forgotten)}${perDay}`),
    ...(forgotten === null ? [] : ['', ...leftOutText(report, page), '', ...plansText(report, page)]),
    ...(chart === '' ? [] : ['', chart]),
    '',
    ...pricesText(report, oldest).map((line) => fold(line)),
  ].join('\n')
}

function headline({ lab, region, bills, items }: CostReport): string {
  if (lab === null) return `There is no lab here. The handout’s, on AWS in ${region}, would cost:`
  if (items.length === 0) return `Nothing of the lab "${lab}" exists: it costs nothing.`
  if (bills) return `Lab "${lab}" in ${region}`
  return `Nothing of the lab "${lab}" bills: it is not on AWS.\nThere, in ${region}, the same lab would cost:`
}

const NUMBERS: readonly Column[] = [
  { width: 9, align: 'right' },
  { width: 11, align: 'right' },
]

/** Names get the width that the sums leave. */
function nameColumn(width: number): Column {
  return { width: Math.min(56, width - 24), ownLine: true }
}

function itemTable({ items, hourly, soFar, lab, unknown }: CostReport, width: number): string[] {
  const total = unknown.length === 0 ? 'together' : 'together, of what is known'
  const rows = [
    ['', 'an hour', 'so far'],
    ...items.map((item) => [item.what, money(item.hourly), money(item.soFar)]),
    [total, money(hourly), money(soFar)],
  ]
  const columns = [nameColumn(width), ...(lab === null ? NUMBERS.slice(0, 1) : NUMBERS)]
  return table(rows, { columns, gap: 0, indent: 2, width })
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

function leftOutText({ leftOut, items }: CostReport, { width, fold }: Page): string[] {
  const rows = leftOut.map(({ id, what, in30Days }) => {
    const isThere = items.some((item) => item.id === id)
    return [isThere ? (LEFT_OUT_NAMES[id] ?? what) : `${what}, if it is not 8.4`, cents(in30Days)]
  })
  return [
    fold('Left out of an estimate of server, database and storage, in 30 days:'),
    ...table(rows, { columns: [nameColumn(width), ...NUMBERS.slice(0, 1)], gap: 0, indent: 2, width }),
  ]
}

function plansText(report: CostReport, { width, fold }: Page): string[] {
  const heading =
    report.plan === null
      ? 'By account plan; which one yours is, is unknown here (--plan says it):'
      : 'By your account’s plan:'
  const plans = report.plan === null ? PLANS : [report.plan]
  const rows = plans.map((plan) => [plan, planText(plan, report)])
  return [
    fold(heading),
    ...table(rows, { columns: [{ width: 7 }], gap: 0, indent: 2, width, last: 'folded' }),
  ]
}

function planText(plan: PricePlan, { ifForgotten30Days }: CostReport): string {
  const texts: Readonly<Record<PricePlan, string>> = {
    none: 'you pay all of it',
    credits: `an account opened since 15 July 2025: its credits pay while they last (30 days take ${cents(ifForgotten30Days)}); a free plan ends after six months at most`,
    legacy: 'an older account: its 12 free months were over by 15 July 2026, so you pay all of it',
  }
  return texts[plan]
}

function pricesText({ live, pricesAsOf, lab }: CostReport, oldest: string | undefined): string[] {
  const age = pricesAsOf === null ? '' : `, the oldest of ${pricesAsOf} (${oldest})`
  const gone =
    lab === null
      ? ''
      : ', and what is gone: servers and databases that were replaced, stops of the database before'
  return [
    ...(live ? [`Prices: AWS’s list, asked just now in us-east-1${age}.`] : []),
    ...(!live && age !== ''
      ? [`Prices: AWS’s list${age};`, '"flasklab cost --live" asks AWS for today’s.']
      : []),
    `US dollars, on demand, without tax. Not counted: more than 100 GB a month to the internet, CPU beyond the burst credits, snapshots${gone}.`,
  ]
}
