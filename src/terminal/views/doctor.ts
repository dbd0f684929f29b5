import type { CheckAnswer, checkList, Diagnosis } from '../../commands/doctor.ts'
import type { Paper } from '../paper.ts'
import { table } from '../table.ts'

const MARKS: Readonly<Record<CheckAnswer['status'], string>> = {
  pass: 'ok',
  warn: 'warning',
  fail: 'FAIL',
  blocked: 'blocked',
  skipped: 'skipped',
}

/** `brief`: without what is in order. */
export function doctorText(diagnosis: Diagnosis, brief: boolean, paper: Paper): string {
  const { checks, healthy, rootCauses: causes } = diagnosis
  const { render, fold } = paper
  const lines = checkLines(checks, brief, paper)
  const findings = checks.flatMap(({ finding }) => (finding === undefined ? [] : [render(finding)]))
  const skipped = checks.filter(({ status }) => status === 'skipped')
  const parts = [
    ...lines,
    ...(lines.length === 0 ? [] : ['']),
    // One fault may fail several checks.
    ...new Set(findings.filter((text) => text !== '')),
    ...(skipped.length === 0 ? [] : [fold(skippedText(skipped, checks.length))]),
  ]
  if (!healthy) return [...parts, fold(`To be mended: ${causes.join(', ')}.`)].join('\n')
  const rest = checks.length - skipped.length
  const end = skipped.length === 0 ? 'The lab is healthy.' : `The other ${rest} found nothing wrong.`
  const site = checks.find(({ id, status }) => id === 'site-reachable' && status === 'pass')?.remark
  return [...parts, end, ...(site === undefined ? [] : [fold(site)])].join('\n')
}

function checkLines(checks: readonly CheckAnswer[], brief: boolean, { width }: Paper): string[] {
  const idWidth = Math.max(...checks.map(({ id }) => id.length))
  const rows = checks
    .filter(({ status }) => !brief || !['pass', 'skipped'].includes(status))
    .map(({ id, title, status, blockedBy }) => [
      MARKS[status],
      id,
      blockedBy === undefined ? title : `after ${blockedBy.join(', ')}`,
    ])
  return table(rows, {
    columns: [{ width: 7 }, { width: idWidth }],
    gap: 2,
    indent: 0,
    width,
    last: 'folded',
  })
}

function skippedText(skipped: readonly CheckAnswer[], all: number): string {
  const counts = new Map<string, number>()
  for (const { remark = '' } of skipped) counts.set(remark, (counts.get(remark) ?? 0) + 1)
  const reasons = [...counts].map(([remark, count]) => `${count} (${remark})`)
  return `${skipped.length} of ${all} checks were skipped: ${reasons.join(', ')}.`
}

export function checkListText(list: ReturnType<typeof checkList>, { width }: Paper): string {
  const rows = list.map(({ id, title, needs }) => [
    id,
    title + (needs.length === 0 ? '' : ` (after ${needs.join(', ')})`),
  ])
  return table(rows, { columns: [{}], gap: 2, indent: 0, width, last: 'folded' }).join('\n')
}
