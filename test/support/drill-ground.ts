import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/commands/doctor.ts'
import { drills } from '../../src/drills/all.ts'
import type { Memo } from '../../src/drills/drill.ts'
import { type DrillContext, openDrillContext } from '../../src/drills/drill-context.ts'
import type { Level } from '../../src/lab/exercise.ts'
import type { WrittenFinding } from '../../src/lab/finding.ts'
import { findPractice } from '../../src/practice/client.ts'
import { readRecord } from '../../src/store/read-record.ts'
import { readProject } from '../../src/world/project.ts'
import { examineInProcess } from './examine-in-process.ts'
import { examineBy, outline, readRecording, recordingFile, replay, textOf } from './recording.ts'
import { sampleOf } from './sample.ts'
import { has, newStudent, PROGRAM, type Run, runs, type Student } from './student.ts'

/** The doctor's evidence is written down, instead of held against the one of before. */
const RECORDS = process.env['FLASKLAB_RECORD'] === '1'

/** One drill in so many is tried; `npm run test:drills` tries all. */
const EVERY = Number(process.env['FLASKLAB_DRILLS_EVERY'] ?? 1)

/** A student with a practice lab that is whole, for all tests of a file. */
export interface Ground {
  student(): Student
  /** Fails with all that was said where a command does not end well. */
  type(...words: string[]): Promise<Run>
  examine(): Promise<Verdict>
  /** Runs statements as the database's master user. */
  sql(...statements: readonly string[]): Promise<void>
  /** The fault of a drill without its ceremony: beside one that is planted, say. */
  withFault(id: string, work: () => Promise<void>): Promise<void>
}

type Verdict = Diagnosis<WrittenFinding> & {
  readonly code: number | null
  readonly drill?: string
  readonly ms: number
}

export function prepareGround(): Ground {
  let student: Student

  beforeAll(async () => {
    student = await newStudent({ pace: 'none' })
    const folder = join(student.home, 'bin')
    mkdirSync(folder)
    symlinkSync(PROGRAM, join(folder, 'flasklab'))
    await student.findsLab()
  })

  // One that failed must not spoil those after it.
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await student.types(['practice', 'solve'])
  })

  afterAll(() => student.leaves())

  async function type(...words: string[]): Promise<Run> {
    const run = await student.types(words)
    if (run.code !== 0)
      throw new Error(`${words.join(' ')} ended with ${run.code}: ${run.stdout}${run.stderr}`)
    return run
  }

  async function setScene(): Promise<DrillContext> {
    const client = await findPractice(student.home)
    const lab = readRecord(student.home, 'lab')
    if (!client || !lab) throw new Error('There is no lab.')
    const keyFile = join(student.home, 'labs', 'lab', 'key.pem')
    const goOn = async () => void (await type('up'))
    return openDrillContext({ home: student.home, client, lab, keyFile, schema: readProject().schema, goOn })
  }

  return {
    student: () => student,
    type,
    async sql(...statements) {
      const scene = await setScene()
      await scene.sql(statements.join(';\n')).finally(() => scene.close())
    },
    async examine() {
      const begun = Date.now()
      const { code, stdout, stderr } = await student.types(['doctor', '--json'])
      if (stdout === '') throw new Error(stderr)
      return { code, ms: Date.now() - begun, ...(JSON.parse(stdout) as Diagnosis<WrittenFinding>) }
    },
    async withFault(id, work) {
      const drill = drills.find((each) => each.id === id)
      if (!drill) throw new Error(`There is no ${id} to plant.`)
      const scene = await setScene()
      const memo: Memo = (await drill.prepare?.(scene)) ?? {}
      try {
        await drill.plant(scene, memo)
        await work()
      } finally {
        await drill.solve(scene, memo)
        scene.close()
      }
    },
  }
}

/** The commands of a finding, as they are printed, in one shell; what they said. */
export async function follow(commands: readonly string[], student: Student): Promise<string> {
  const { PATH = '' } = student.environment
  const environment = { ...student.environment, PATH: `${join(student.home, 'bin')}${delimiter}${PATH}` }
  const typed = commands.join('\n')
  const run = await runs('bash', ['-e', '-c', typed], environment, 120_000)
  if (run.code !== 0) throw new Error(`${typed}\nended with ${run.code}: ${run.stdout}${run.stderr}`)
  return run.stdout
}

/** One file for each level, as they take minutes. Each examination of one drill also shows that no other is reported. */
export function proveDrills(level: Level): void {
  const { student, type, examine, withFault } = prepareGround()

  const meant = sampleOf(
    drills.filter((drill) => drill.level === level),
    EVERY,
  )

  test.for(meant.map(({ id, expectedCheck }) => [id, expectedCheck] as const))(
    'the drill %s is found by the check %s, healed by its remedy, and by its solution',
    async ([id, cause], { skip }) => {
      // It refuses a lab that is not healthy: what the drill before has left would show here.
      await type('practice', 'break', id)
      const before = (await student().requests()).length
      const broken = await examine()
      const asked = (await student().requests()).slice(before).map(({ action }) => action)
      expect(broken).toMatchObject({ code: 1, healthy: false, rootCauses: [cause], drill: 'planted' })
      expect(asked.filter((action) => !/^(Describe|Get)/.test(action))).toEqual([])
      expect(broken.ms).toBeLessThan(30_000)
      await proveRecording(id, student())
      const remedy = broken.checks.find((check) => check.id === cause)?.finding?.remedy.run ?? []
      if (remedy.some((command) => command.startsWith('aws ')) && !has('aws')) {
        await type('practice', 'solve')
        expect(await examine()).toMatchObject({ code: 0, healthy: true, rootCauses: [] })
        return skip('only its solution was tried: its remedy needs the aws command line')
      }
      const said = await follow(remedy, student())
      const mended = await examine()
      expect(mended).toMatchObject({ code: 0, healthy: true, rootCauses: [] })
      // A remedy that is the doctor's own tells it first.
      expect(`${said}The drill is ${mended.drill}.`).toContain('The drill is mended.')
      // Solved without another look: the next drill is planted in a healthy lab only.
      await withFault(id, async () => {})
    },
  )

  test('leaves nothing behind once it is solved', async () => {
    expect(await examine()).toMatchObject({ code: 0, healthy: true, rootCauses: [] })
    await proveRecording('healthy', student())
  })
}

/** Proves that the doctor says of a lab what it says by the recording. */
async function proveRecording(name: string, of: Student): Promise<void> {
  const { results, recording } = await examineInProcess(of)
  if (RECORDS) writeFileSync(recordingFile(name), textOf(recording, of.home))
  if (!existsSync(recordingFile(name))) return
  expect(outline(results)).toEqual(outline(await examineBy(replay(readRecording(name)))))
}
