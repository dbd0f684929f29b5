import { randomBytes, randomInt } from 'node:crypto'
import { drills } from '../drills/all.ts'
import { type Drill, LEVELS, type Level } from '../drills/drill.ts'
import { type DrillContext, openDrillContext } from '../drills/drill-context.ts'
import {
  claimPlanted,
  dropPlanted,
  forgetPlanted,
  isMended,
  type Planted,
  readPlanted,
  writePlanted,
} from '../drills/planted.ts'
import { LabError, UsageError } from '../lab/finding.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { walk } from '../lab/walk.ts'
import { phasesInOrder } from '../phases/in-order.ts'
import { startPractice } from '../practice/client.ts'
import { readRecord } from '../store/record-keeper.ts'
import { type Diagnosis, doctor } from './doctor.ts'

/** As printed by `--json`; the drill's id would give its cause away. */
export interface Broken {
  readonly lab: string
  readonly level: Level
  readonly symptom: string
}

export interface Hints {
  readonly symptom: string
  readonly hints: readonly string[]
  readonly left: number
}

export interface Solved {
  readonly lab: string
  readonly id: string
  readonly cause: string
  readonly fault: string
  /** False for one whose planting was interrupted: of its fault there was a part at most. */
  readonly whole: boolean
}

export type DrillListing = Pick<Drill, 'id' | 'level' | 'cause' | 'symptom' | 'fault'>

/** Plants one drill. */
export async function breakLab(drill: Drill, kit: Kit, home: string): Promise<Broken> {
  refuseAws(kit)
  refuseSecond(home)
  // Of a lab that is no more, or damaged.
  dropPlanted(home)
  await refuseIncomplete(kit)
  const { name: lab, id: labId } = kit.record.value
  await onStage({ ...kit, tell: SILENT }, home, async (context) => {
    const memo = (await drill.prepare?.(context)) ?? {}
    const id = randomBytes(5).toString('hex')
    const begun: Planted = {
      id,
      whole: false,
      lab,
      labId,
      drill: drill.id,
      cause: drill.cause,
      hints: 0,
      memo,
    }
    // Before anything is changed: a fault that was planted by half can be taken back, too.
    if (!claimPlanted(home, begun)) refuseSecond(home)
    await drill.plant(context, memo)
    writePlanted(home, { ...begun, whole: true })
  })
  return { lab, level: drill.level, symptom: drill.symptom }
}

/** One more hint at each call; the third is nearly the answer. */
export function giveHint(home: string): Hints {
  const planted = standing(home) ?? none()
  if (!planted.whole) throw unfinished(planted)
  const drill = drillOf(planted)
  const hints = Math.min(planted.hints + 1, drill.hints.length)
  writePlanted(home, { ...planted, hints })
  return {
    symptom: drill.symptom,
    hints: drill.hints.slice(0, hints),
    left: drill.hints.length - hints,
  }
}

export async function solve(kit: Kit, home: string): Promise<void> {
  const planted = standing(home) ?? none()
  const drill = drillOf(planted)
  const title = 'the fault to be repaired'
  kit.tell({ kind: 'waiting', id: title, title, since: kit.clock.now() })
  try {
    await onStage(kit, home, (context) => drill.solve(context, planted.memo))
  } finally {
    kit.tell({ kind: 'waited', id: title })
  }
}

/** Looks whether it is repaired, by a kit that was opened after it: it may be about the credentials. */
export async function confirmSolved(kit: Kit, home: string): Promise<Solved> {
  const planted = standing(home) ?? none()
  const { id, cause, fault } = drillOf(planted)
  const diagnosis = await doctor({ fix: false }, kit)
  if (!isMended(planted, diagnosis.checks)) throw stillBroken(planted, diagnosis)
  forgetPlanted(home, planted)
  return { lab: planted.lab, id, cause, fault, whole: planted.whole }
}

/** Something else may be broken by now, which no drill knows of. */
function stillBroken({ drill, cause }: Planted, { rootCauses }: Diagnosis): LabError {
  return new LabError({
    what: `The drill ${drill} was taken back, and its check "${cause}" still does not pass.`,
    why: `The doctor finds: ${rootCauses.join(', ')}. That is not, or not only, the drill’s doing.`,
    remedy: {
      say: 'Let the doctor tell how to mend it, then run this again.',
      run: ['flasklab doctor', 'flasklab practice solve'],
    },
  })
}

/** Takes back what would outlast the lab: a fault in the VPC, which is not the lab's, is in the way of the next one. */
export async function takeBack(planted: Planted, kit: Kit, home: string): Promise<void> {
  const drill = drills.find(({ id }) => id === planted.drill)
  if (drill?.outlivesLab) await onStage(kit, home, (context) => drill.solve(context, planted.memo))
}

/** The lab whose drill is planted, for commands that name none. */
export function drilledLab(home: string): string | undefined {
  return standing(home)?.lab
}

export function listDrills(): readonly DrillListing[] {
  return LEVELS.flatMap((level) => drills.filter((drill) => drill.level === level)).map(
    ({ id, level, cause, symptom, fault }) => ({ id, level, cause, symptom, fault }),
  )
}

type Fold = (text: string, indent?: number) => string

export function brokenText({ lab, symptom }: Broken, fold: Fold): string {
  return [
    fold(`Something in the lab "${lab}" is broken now. A user reports:`),
    '',
    `  ${fold(`"${symptom}"`, 2)}`,
    '',
    'Find out why, and mend it.',
    '  flasklab doctor           tells whether it is mended',
    '  flasklab practice hint    helps',
    '  flasklab practice solve   repairs it, and says what it was',
  ].join('\n')
}

export function hintText({ symptom, hints, left }: Hints, fold: Fold): string {
  const more = left === 0 ? 'That was the last hint.' : `${left} more: type it again.`
  const lines = hints.map((hint, index) => `${index + 1}. ${fold(hint, 3)}`)
  return [fold(`"${symptom}"`), '', ...lines, '', more].join('\n')
}

export function solvedText({ id, fault, cause, whole }: Solved, fold: Fold): string {
  return fold(
    whole
      ? `It is repaired. ${fault}\nThe doctor would have named it by its check "${cause}".`
      : `The drill ${id}, whose planting was interrupted, is taken back.`,
  )
}

export function listText(list: readonly DrillListing[], fold: Fold): string {
  const width = Math.max(...list.map(({ id }) => id.length)) + 4
  return LEVELS.map((level) => {
    const lines = list
      .filter((drill) => drill.level === level)
      .map(({ id, fault }) => `  ${id}`.padEnd(width) + fold(fault, width))
    return [`${level}:`, ...lines].join('\n')
  }).join('\n')
}

const SILENT: Kit['tell'] = () => {}

/** The named one, or any of the level, or any. */
export function chooseDrill(name: string | undefined, level: Level | undefined): Drill {
  const fitting = drills.filter(
    (drill) => (name === undefined || drill.id === name) && (level === undefined || drill.level === level),
  )
  const drill = fitting[randomInt(Math.max(fitting.length, 1))]
  if (drill !== undefined) return drill
  const known = LEVELS.map((each) => {
    const names = drills.filter((other) => other.level === each).map(({ id }) => id)
    return `${each}: ${names.join(', ')}`
  })
  throw new UsageError({
    what: `There is no drill "${name}"${level === undefined ? '' : ` of the level ${level}`}.`,
    why: `There are, ${known.join('; ')}.`,
    remedy: {
      say: 'Name one of these, or let one be chosen.',
      run: ['flasklab practice break --list', 'flasklab practice break'],
    },
  })
}

function refuseAws({ record }: Kit): void {
  const { target, name } = record.value
  if (target === 'practice') return
  throw new LabError({
    what: `The lab "${name}" is on ${target}: drills are planted in practice labs only.`,
    why: 'Breaking something that others may need, and that costs, is no exercise.',
    remedy: {
      say: 'Build a practice lab, or name one.',
      run: ['flasklab up --practice --lab drills', 'flasklab practice break --lab drills'],
    },
  })
}

function refuseSecond(home: string): void {
  const planted = standing(home)
  if (planted === undefined) return
  if (!planted.whole) throw unfinished(planted)
  throw new LabError({
    what: `A drill is planted already, in the lab "${planted.lab}".`,
    why: `What was reported: "${drillOf(planted).symptom}"`,
    remedy: {
      say: 'Mend it first (the doctor says when it is mended), take a hint, or have it repaired.',
      run: ['flasklab practice hint', 'flasklab practice solve'],
    },
  })
}

async function refuseIncomplete(kit: Kit): Promise<void> {
  const { healthy, rootCauses } = await doctor({ fix: false }, kit)
  if (healthy) return
  throw new LabError({
    what: `The lab "${kit.record.value.name}" is not whole (${rootCauses.join(', ')}).`,
    why: 'A drill is one fault in a lab that works: with another one beside it nobody could tell what is mended.',
    remedy: { say: 'Mend or complete it first.', run: ['flasklab doctor', 'flasklab up'] },
  })
}

/** The drill that is planted; one whose lab was cleaned up is none. */
function standing(home: string): Planted | undefined {
  const planted = readPlanted(home)
  if (planted === undefined || !drills.some(({ id }) => id === planted.drill)) return undefined
  return readRecord(home, planted.lab)?.id === planted.labId ? planted : undefined
}

function drillOf({ drill }: Planted): Drill {
  const found = drills.find(({ id }) => id === drill)
  if (found === undefined) throw new Error(`No drill is called ${drill}.`)
  return found
}

function unfinished({ lab }: Planted): LabError {
  return new LabError({
    what: `A drill was planted by half only, in the lab "${lab}".`,
    why: 'The command that planted it was interrupted, or is still at work.',
    remedy: { say: 'Have it taken back.', run: ['flasklab practice solve'] },
  })
}

function none(): never {
  throw new LabError({
    what: 'No drill is planted.',
    remedy: { say: 'Have one planted.', run: ['flasklab practice break'] },
  })
}

async function onStage<Value>(
  kit: Kit,
  home: string,
  act: (context: DrillContext) => Promise<Value>,
): Promise<Value> {
  const context = openDrillContext({
    home,
    client: await startPractice(home, false),
    lab: kit.record.value,
    keyFile: kit.record.keyFile,
    goOn: () => goOn({ ...kit, ask: { confirm: yes, typeBack: yes, goOn: yes } }),
  })
  try {
    return await act(context)
  } finally {
    context.close()
  }
}

const yes = async () => true

async function goOn(kit: Kit): Promise<void> {
  await walk(phasesInOrder, await kit.cloud.findNetwork(), kit)
}
