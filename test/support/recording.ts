import { readFileSync } from 'node:fs'
import type { Evidence } from '../../src/checks/evidence.ts'
import { checksInOrder } from '../../src/checks/in-order.ts'
import { systemClock } from '../../src/cli/system-clock.ts'
import { DoesNotApply, diagnose, type Result } from '../../src/lab/check.ts'
import { type Finding, type FindingCode, LabError } from '../../src/lab/finding.ts'

/** The result of one of the doctor's looks, or how it failed. */
type Seen =
  | { readonly sees?: unknown }
  | { readonly fails: Finding; readonly code?: FindingCode }
  | { readonly doesNotApply: string }
  | { readonly breaks: string }

/** All that the doctor saw of a lab: by it alone it comes to the same result again. */
export interface Recording {
  readonly lab: Evidence['lab']
  readonly looks: Readonly<Record<string, Seen>>
}

const LIMITS = { eachMs: 12_000, allMs: 25_000 }

export function examineBy(evidence: Evidence): Promise<readonly Result[]> {
  return diagnose(checksInOrder, evidence, LIMITS, systemClock)
}

/** Evidence that keeps what its looks see. */
export function recorder(evidence: Evidence) {
  const asked = new Map<string, Promise<Seen>>()
  const looks = Object.entries(evidence).flatMap(([name, look]) => {
    if (typeof look !== 'function') return []
    const kept = (): Promise<unknown> => {
      const outcome: Promise<unknown> = look()
      asked.set(
        name,
        outcome.then((sees) => ({ sees }), failureOf),
      )
      return outcome
    }
    return [[name, kept] as const]
  })
  return {
    evidence: { ...evidence, ...Object.fromEntries(looks) },
    async recording(): Promise<Recording> {
      const names = [...asked.keys()].toSorted()
      const seen = await Promise.all(names.map(async (name) => [name, await asked.get(name)] as const))
      return {
        lab: evidence.lab,
        looks: Object.fromEntries(seen.flatMap(([name, its]) => (its ? [[name, its]] : []))),
      }
    },
  }
}

function failureOf(error: unknown): Seen {
  if (error instanceof DoesNotApply) return { doesNotApply: error.message }
  if (!(error instanceof LabError)) return { breaks: error instanceof Error ? error.message : String(error) }
  const { finding, code } = error
  return { fails: finding, ...(code && { code }) }
}

/** The evidence that was recorded. A look that was not asked then breaks the check that asks it, with the way out. */
export function replay({ lab, looks }: Recording): Evidence {
  const replayed = Object.entries(looks).map(([name, seen]) => [name, async () => again(seen)] as const)
  // The names of the looks are those of the evidence that was recorded.
  const known = { lab, ...Object.fromEntries(replayed) } as Evidence
  const unknown = (look: string) => async () => {
    throw new Error(`The recording has no look "${look}": record anew (CONTRIBUTING.md, Tests).`)
  }
  return new Proxy(known, { get: (all, name: keyof Evidence) => all[name] ?? unknown(name) })
}

function again(seen: Seen): unknown {
  if ('fails' in seen) throw new LabError(seen.fails, seen.code && { code: seen.code })
  if ('doesNotApply' in seen) throw new DoesNotApply(seen.doesNotApply)
  if ('breaks' in seen) throw new Error(seen.breaks)
  return seen.sees
}

export const RECORDINGS = new URL('../recordings/', import.meta.url)

export const recordingFile = (name: string) => new URL(`${name}.json`, RECORDINGS)

export function readRecording(name: string): Recording {
  return JSON.parse(readFileSync(recordingFile(name), 'utf8')) as Recording
}

/** One look a line, with nothing of the machine and no secret that it was recorded with. */
export function textOf({ lab, looks }: Recording, home: string): string {
  const lines = Object.entries(looks).map(
    ([name, seen]) => `    ${JSON.stringify(name)}: ${JSON.stringify(seen)}`,
  )
  const text = `{\n  "lab": ${JSON.stringify(lab)},\n  "looks": {\n${lines.join(',\n')}\n  }\n}\n`
  const { master = '', app = '' } = lab.record.passwords ?? {}
  return [
    [home, '/home/ada/.flasklab'],
    [master, 'the-password-of-the-master'],
    [app, 'the-password-of-the-app'],
  ].reduce((told, [own = '', shown = '']) => (own === '' ? told : told.replaceAll(own, shown)), text)
}

/** A line for each check that does not pass, without what another lab has otherwise. */
export function outline(results: readonly Result[]): string[] {
  return results.flatMap((result) => {
    if (result.status === 'pass') return []
    if (result.status === 'blocked') return `${result.id} blocked by ${result.blockedBy.join(', ')}`
    if (result.status === 'skipped') return `${result.id} skipped: ${plain(result.remark)}`
    return `${result.id} ${result.status}: ${plain(result.finding.what)}`
  })
}

function plain(text: string): string {
  return text
    .replace(/\/\S*(?=\/(?:practice|labs)\/)/g, '…')
    .replace(/\b[0-9a-f]{10}\b/g, '…')
    .replace(/SHA256:\S+/g, 'SHA256:…')
    .replace(/\b(sgr|sg|subnet|vpc|rtb|igw|acl|eni|vol|i|db)-[0-9a-zA-Z]{8,}\b/g, '$1-…')
    .replace(/\b\d+(?:\.\d+)*\b/g, '#')
}
