import type { Listed, Listing } from '../../commands/list.ts'
import { cents, money, span } from '../format.ts'
import { type Column, table } from '../table.ts'

const BY_HAND = [
  'One that was made by hand does not carry flasklab’s tags:',
  '"flasklab cost --adopt" looks for it by the handout’s names.',
]

const NAME_WIDTH = 12
const COLUMNS: readonly Column[] = [
  { width: NAME_WIDTH, ownLine: true },
  { width: 10 },
  { width: 14 },
  { width: 7 },
  { width: 6, align: 'right' },
  { width: 8, align: 'right' },
  { width: 8, align: 'right' },
]
const HEADINGS = ['lab', 'id', 'region', 'state', 'age', 'an hour', 'so far', 'owner']

/** `bills`: whether anybody asks money for them. */
export function listText(
  { at, account, regions, labs, unseen }: Listing,
  bills: boolean,
  width: number,
): string {
  const now = Date.parse(at)
  const where = regions.length === 1 ? regions[0] : `${regions.length - unseen.length} regions`
  const notSeen = unseen.map(({ region, why }) => `Not looked at: ${region}. ${why}`)
  if (labs.length === 0)
    return [`There is no lab in the account ${account}, ${where}.`, ...notSeen, ...BY_HAND].join('\n')
  const rows = [HEADINGS, ...labs.map((lab) => labRow(lab, now))]
  return [
    `Labs in the account ${account}, ${where}${bills ? '' : ' (what it would cost on AWS)'}:`,
    ...table(rows, { columns: COLUMNS, gap: 1, indent: 2, width, last: { below: NAME_WIDTH + 3 } }),
    ...notSeen,
  ].join('\n')
}

function labRow(lab: Listed, now: number): string[] {
  const { name, id, region, state, hourly, soFar, owner, mine, expires, unreadableDeadline } = lab
  const age = lab.madeAt === null ? '' : span(now - Date.parse(lab.madeAt))
  const whose = mine ? 'you' : (owner.split(':')[1] ?? owner)
  const deadline = [
    ...(expires === null ? [] : [deadlineText(Date.parse(expires) - now)]),
    ...(unreadableDeadline === null ? [] : [`deadline unreadable: ${unreadableDeadline}`]),
  ]
  return [name, id, region, state, age, money(hourly), cents(soFar), [whose, ...deadline].join(', ')]
}

function deadlineText(leftMs: number): string {
  return leftMs < 0 ? `EXPIRED ${span(-leftMs)} ago` : `${span(leftMs)} left`
}
