import { type Gathered, gatherEvidence, lookAhead } from '../checks/evidence.ts'
import { checksInOrder } from '../checks/in-order.ts'
import { withoutPasswords } from '../checks/redact-passwords.ts'
import { diagnose, type Result, rootCauses } from '../lab/check.ts'
import { type Command, hasFlag, isFlasklab } from '../lab/command.ts'
import { commandLines } from '../lab/command-text.ts'
import { type Finding, LabError } from '../lab/finding.ts'
import type { WithCloud } from '../lab/ports/cloud.ts'
import type { Databases } from '../lab/ports/databases.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { Servers } from '../lab/ports/servers.ts'
import { inJson } from '../lab/shell.ts'
import { within } from '../lab/wait.ts'

export interface DoctorOptions {
  readonly fix: boolean
}

/** As printed by `--json`, where its findings are written ones. */
export interface Diagnosis<Told = Finding> {
  readonly lab: string
  readonly healthy: boolean
  readonly rootCauses: readonly string[]
  readonly checks: readonly CheckAnswer<Told>[]
}

export interface CheckAnswer<Told = Finding> {
  readonly id: string
  readonly title: string
  readonly status: Result['status']
  readonly blockedBy?: readonly string[]
  readonly finding?: Told
  readonly remark?: string
}

const LIMITS = { eachMs: 12_000, allMs: 25_000 }
const ROUNDS = 6
/** How long it may take to find out whether something has changed. */
const AGAIN_MS = 3_000

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

/** Looks once more where server or database were changed by somebody else meanwhile: what failed then misleads. */
async function examine(kit: Kit): Promise<readonly Result[]> {
  const evidence = gatherEvidence(kit)
  try {
    const results = await look(evidence, kit)
    if (rootCauses(results).length === 0 || !(await hasChanged(evidence, kit))) return results
  } catch (error) {
    if (!(await hasChanged(evidence, kit))) throw error
  }
  kit.tell({ kind: 'step', text: 'the server or the database was changed meanwhile: looking again' })
  return look(gatherEvidence(kit), kit)
}

function hasChanged(
  evidence: Gathered,
  { cloud, clock }: Pick<Kit, 'clock'> & WithCloud<Servers & Databases>,
): Promise<boolean> {
  return within(AGAIN_MS, looksDifferent(evidence, cloud), () => false, clock)
}

async function looksDifferent(
  { server, database }: Pick<Gathered, 'server' | 'database'>,
  cloud: Pick<Servers & Databases, 'findServer' | 'findDatabase'>,
): Promise<boolean> {
  const was = await statesOf(server, database)
  // Without a look from before, nobody can tell what has changed.
  if (was === undefined) return false
  return (await statesOf(cloud.findServer, cloud.findDatabase)) !== was
}

async function statesOf(
  server: Servers['findServer'],
  database: Databases['findDatabase'],
): Promise<string | undefined> {
  try {
    const [its, theirs] = await Promise.all([server(), database()])
    return JSON.stringify([its?.id, its?.state, its?.address, theirs?.id, theirs?.status])
  } catch {
    return undefined
  }
}

async function look(
  evidence: Gathered,
  kit: Pick<Kit, 'clock' | 'isHandmade' | 'record' | 'tell'>,
): Promise<readonly Result[]> {
  const title = 'the doctor'
  kit.tell({ kind: 'waiting', id: title, title, since: kit.clock.now() })
  lookAhead(evidence)
  try {
    const results = await diagnose(checksInOrder, evidence, LIMITS, kit.clock)
    if (kit.isHandmade) await tellWhoseItIs(evidence, kit)
    return await withoutPasswords(results, evidence)
  } finally {
    kit.tell({ kind: 'waited', id: title })
    evidence.end()
  }
}

/** Tags tell what was not made by hand after all. */
async function tellWhoseItIs({ server }: Gathered, kit: Pick<Kit, 'record' | 'tell'>): Promise<void> {
  const { id, lab } = (await server().catch(() => undefined)) ?? {}
  if (lab === undefined) return
  const more = kit.record.others().includes(lab) ? `: "flasklab doctor --lab ${lab}" looks at all of it` : ''
  kit.tell({ kind: 'note', text: `${id} was made by flasklab, for its lab "${lab}"${more}.` })
}

async function mend(result: Result, before: readonly Result[], kit: Kit): Promise<readonly Result[]> {
  if (result.status !== 'fail' || result.mend === undefined) return before
  kit.tell({ kind: 'warning', finding: result.finding })
  const { title, apply } = result.mend
  if (!(await kit.ask.confirm(`May I ${title}?`, { fallback: true, flag: '--yes' }))) return before
  try {
    await apply(kit)
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

function toDiagnosis(
  results: readonly Result[],
  kit: Pick<Kit, 'isHandmade' | 'laptop' | 'record'>,
): Diagnosis {
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
      ...('remark' in rest && rest.remark !== undefined
        ? { remark: withCommands(rest.remark, rest, kit) }
        : {}),
    })),
  }
}

function withCommands(
  remark: string,
  { run = [] }: { readonly remark?: string; readonly run?: readonly Command[] },
  { laptop }: Pick<Kit, 'laptop'>,
): string {
  const shell = inJson({ dialect: 'posix', isWindows: laptop.keepsRightsInLists })
  return run.length === 0 ? remark : `${remark} ${commandLines(run, shell).join('; ')}`
}

/** flasklab does not touch what it has not made: what it would do is left to the prose. */
function byHand({ remedy, ...finding }: Finding): Finding {
  const run = remedy.run?.filter((command) => !isForOwnLab(command)) ?? []
  return { ...finding, remedy: { say: remedy.say, ...(run.length === 0 ? {} : { run }) } }
}

function isForOwnLab(command: Command): boolean {
  const isOwn = isFlasklab(command, 'up', 'cleanup', 'ssh', 'logs', 'doctor')
  return isOwn && !(command.verb === 'doctor' && hasFlag(command, 'adopt'))
}

/** The same diagnosis, each finding in another form. */
export function retold<From, To>(diagnosis: Diagnosis<From>, tell: (finding: From) => To): Diagnosis<To> {
  const checks = diagnosis.checks.map(({ finding, ...check }) =>
    finding === undefined ? check : { ...check, finding: tell(finding) },
  )
  return { ...diagnosis, checks }
}

export function checkList(): {
  readonly id: string
  readonly title: string
  readonly needs: readonly string[]
}[] {
  return checksInOrder.map(({ id, title, needs }) => ({ id, title, needs }))
}
