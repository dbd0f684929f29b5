import { checksInOrder } from '../checks/in-order.ts'
import { createSight } from '../checks/sight.ts'
import { diagnose, type Result, rootCauses } from '../lab/check.ts'
import { type Finding, LabError } from '../lab/finding.ts'
import type { Kit } from '../lab/ports.ts'

export interface DoctorOptions {
  readonly fix: boolean
}

/** As printed by `--json`. */
export interface Diagnosis {
  readonly lab: string
  readonly healthy: boolean
  readonly rootCauses: readonly string[]
  readonly checks: readonly CheckAnswer[]
}

interface CheckAnswer {
  readonly id: string
  readonly title: string
  readonly status: Result['status']
  readonly blockedBy?: readonly string[]
  readonly finding?: Finding
  readonly remark?: string
}

const LIMITS = { eachMs: 12_000, allMs: 25_000 }
const ROUNDS = 6

/** Examines the lab; with `fix`, mends what is safe to mend and examines it again. */
export async function doctor({ fix }: DoctorOptions, kit: Kit): Promise<Diagnosis> {
  let results = await examine(kit)
  if (!fix) return toDiagnosis(results, kit)
  const tried = new Set<string>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = results.find((result) => result.status === 'fail' && result.mend && !tried.has(result.id))
    if (next === undefined) break
    tried.add(next.id)
    results = await mend(next, results, kit)
  }
  return toDiagnosis(results, kit)
}

async function examine(kit: Kit): Promise<readonly Result[]> {
  const sight = createSight(kit)
  const title = 'the doctor'
  kit.tell({ kind: 'waiting', id: title, title, since: kit.clock.now() })
  try {
    return await diagnose(checksInOrder, sight, LIMITS)
  } finally {
    kit.tell({ kind: 'waited', id: title })
    sight.end()
  }
}

async function mend(result: Result, before: readonly Result[], kit: Kit): Promise<readonly Result[]> {
  if (result.status !== 'fail' || result.mend === undefined) return before
  kit.tell({ kind: 'warning', finding: result.finding })
  const { title, apply } = result.mend
  if (!(await kit.ask.confirm(`May I ${title}?`, { fallback: true, flag: '--yes' }))) return before
  try {
    await apply()
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    kit.tell({ kind: 'warning', finding: error.finding })
  }
  if (kit.record.value.proof !== undefined) kit.record.save({ proof: undefined })
  const after = await examine(kit)
  const isMended = after.find(({ id }) => id === result.id)?.status !== 'fail'
  kit.tell({ kind: 'step', text: `${result.id}: ${isMended ? 'fixed' : 'not fixed'}` })
  return after
}

function toDiagnosis(results: readonly Result[], kit: Kit): Diagnosis {
  const causes = rootCauses(results)
  return {
    lab: kit.record.value.name,
    healthy: causes.length === 0,
    rootCauses: causes,
    checks: results.map(({ id, title, status, ...rest }) => ({
      id,
      title,
      status,
      ...('blockedBy' in rest ? { blockedBy: rest.blockedBy } : {}),
      ...('finding' in rest ? { finding: kit.isHandmade ? byHand(rest.finding) : rest.finding } : {}),
      ...('remark' in rest ? { remark: rest.remark } : {}),
    })),
  }
}

/** flasklab does not touch what it has not made: what it would do is left to the prose. */
function byHand({ remedy, ...finding }: Finding): Finding {
  const run = remedy.run?.filter((command) => !/^flasklab (up|cleanup|ssh|logs|doctor)/.test(command)) ?? []
  return { ...finding, remedy: { say: remedy.say, ...(run.length === 0 ? {} : { run }) } }
}

/** The same diagnosis, each finding in other words. */
export function retold(diagnosis: Diagnosis, tell: (finding: Finding) => Finding): Diagnosis {
  const checks = diagnosis.checks.map((check) =>
    check.finding === undefined ? check : { ...check, finding: tell(check.finding) },
  )
  return { ...diagnosis, checks }
}

const MARKS: Readonly<Record<Result['status'], string>> = {
  pass: 'ok     ',
  warn: 'warning',
  fail: 'FAIL   ',
  blocked: 'blocked',
  skipped: 'skipped',
}

export function doctorText(
  { checks, healthy, rootCauses: causes }: Diagnosis,
  render: (finding: Finding) => string,
): string {
  const width = Math.max(...checks.map(({ id }) => id.length))
  const lines = checks.map(({ id, title, status, blockedBy }) => {
    const text = blockedBy === undefined ? title : `after ${blockedBy.join(', ')}`
    return `${MARKS[status]}  ${id.padEnd(width)}  ${text}`
  })
  const findings = checks.flatMap(({ finding }) => (finding === undefined ? [] : [render(finding)]))
  const end = healthy ? 'The lab is healthy.' : `To be mended: ${causes.join(', ')}.`
  return [...lines, '', ...findings, end].join('\n')
}

export function checkList(): {
  readonly id: string
  readonly title: string
  readonly needs: readonly string[]
}[] {
  return checksInOrder.map(({ id, title, needs }) => ({ id, title, needs }))
}

export function listText(list: ReturnType<typeof checkList>): string {
  const width = Math.max(...list.map(({ id }) => id.length))
  return list
    .map(
      ({ id, title, needs }) =>
        `${id.padEnd(width)}  ${title}${needs.length === 0 ? '' : ` (after ${needs.join(', ')})`}`,
    )
    .join('\n')
}
