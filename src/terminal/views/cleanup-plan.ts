import type { CleanupPlan, PlanItem } from '../../commands/cleanup-plan.ts'
import { RESOURCE_WORDS } from '../../lab/resource-words.ts'
import { money, span } from '../format.ts'
import { table } from '../table.ts'

/** The plans of several labs, one below the other. */
export function plansText(plans: readonly CleanupPlan[], bills: boolean, width: number): string {
  return plans.map((plan) => planText(plan, bills, width)).join('\n\n')
}

/** `bills`: whether anybody asks money for it. */
export function planText(plan: CleanupPlan, bills: boolean, width: number): string {
  const { lab, id, region, items, hourly } = plan
  const where = `lab "${lab}" (${id}) in ${region}`
  const ours = items.filter((item) => !item.isUntagged)
  if (ours.length === 0) return [`In the cloud there is nothing of the ${where}.`, ...notes(plan)].join('\n')
  const rows = [
    ['', '', 'age', bills ? 'an hour' : 'on AWS', ''],
    ...ours.map((item) => itemRow(item, plan)),
    ['together', '', '', money(hourly), 'an hour'],
  ]
  return [
    `The ${where} has these resources:`,
    ...table(rows, { columns: COLUMNS, gap: 0, indent: 2, width, last: { below: 20 } }),
    ...(bills ? [] : ['Nothing of it bills: it is not on AWS.']),
    ...notes(plan),
  ].join('\n')
}

const COLUMNS = [
  { width: 18 },
  { width: 22 },
  { width: 6, align: 'right' },
  { width: 9, align: 'right' },
] as const

/** The states that need no word. */
const ORDINARY = ['running', 'available', 'in-use']

function itemRow(
  { kind, id, name, state, madeAt, hourly, isProtected }: PlanItem,
  plan: CleanupPlan,
): string[] {
  const unusual = ORDINARY.includes(state ?? '') ? '' : state
  const about = [name === id ? '' : name, unusual, isProtected ? 'protected' : '']
  return [
    RESOURCE_WORDS[kind],
    id,
    madeAt === undefined ? '' : span(plan.madeAt - madeAt),
    hourly === 0 ? '' : money(hourly),
    about.filter(Boolean).join(', '),
  ]
}

function notes({ items, files, unseen }: CleanupPlan): string[] {
  const stays = items.filter(({ isUntagged }) => isUntagged)
  const goes = items.filter(({ isUntagged }) => !isUntagged)
  return [
    ...(goes.some(({ kind }) => kind === 'database')
      ? ['A database goes with all that is stored in it: there will be no snapshot.']
      : []),
    ...goes
      .filter(({ isProtected }) => isProtected)
      .map(({ id, state }) => {
        const first =
          state === 'stopped' ? 'it is started, and that is switched off first' : 'that is switched off first'
        return `${id} is protected against deletion: ${first}.`
      }),
    ...stays.map(
      ({ kind, id }) => `Stays, as it does not carry the lab’s tags: ${RESOURCE_WORDS[kind]} ${id}`,
    ),
    ...(files.length === 0
      ? []
      : ['On this machine, with its key and passwords:', ...files.map((file) => `  ${file}`)]),
    ...unseen.map((what) => `Not looked at, as these credentials may not: ${what}`),
  ]
}
