import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Journal } from './journal.ts'
import { done, fail, type Reply } from './reply.ts'
import type { ServiceState, Supervisor } from './supervisor.ts'
import { type UnitFolder, unitName } from './unit-folder.ts'

/** The parts of an instance that the verbs look at and change. */
export interface SystemctlParts {
  readonly units: UnitFolder
  readonly supervisor: Supervisor
  readonly journal: Journal
}

type Verb = (names: readonly string[], words: readonly string[]) => Promise<Reply> | Reply

export function systemctlVerbs(parts: SystemctlParts): Readonly<Record<string, Verb>> {
  return { ...changingVerbs(parts), ...lookingVerbs(parts) }
}

function changingVerbs({ units, supervisor }: SystemctlParts): Readonly<Record<string, Verb>> {
  const start = async (name: string) => ((await supervisor.start(name)) ? done() : notFound(name, 5))
  const stop = async (name: string) => ((await supervisor.stop(name)) ? done() : notFound(name, 5))
  return {
    async enable(names, words) {
      const outcomes = names.map(units.enable)
      const failed = outcomes.find(({ isDone }) => !isDone)
      if (failed !== undefined) return fail(failed.said)
      if (words.includes('--now')) for (const name of names) await start(unitName(name))
      return { code: 0, stdout: '', stderr: outcomes.map(({ said }) => said).join('') }
    },
    async disable(names, words) {
      for (const name of names.map(unitName)) {
        units.disable(name)
        if (words.includes('--now')) await stop(name)
      }
      return done()
    },
    start: (names) => each(names, start),
    stop: (names) => each(names, stop),
    restart: (names) =>
      each(names, async (name) => {
        await stop(name)
        return start(name)
      }),
    'daemon-reload': () => done(),
  }
}

function lookingVerbs(parts: SystemctlParts): Readonly<Record<string, Verb>> {
  const { units, supervisor } = parts
  const stateOf = (name: string) => supervisor.find(name)?.state ?? 'inactive'
  const enabledWord = (name: string) => (units.isEnabled(name) ? 'enabled' : 'disabled')
  return {
    'is-active': ([name = '']) => word(stateOf(unitName(name)), 'active', 3),
    'is-enabled': ([name = '']) => word(enabledWord(unitName(name)), 'enabled', 1),
    show: ([name = ''], words) => {
      const unit = unitName(name)
      const properties = Object.entries({
        MainPID: `${supervisor.find(unit)?.process?.pid ?? 0}`,
        ActiveState: stateOf(unit),
        UnitFileState: units.fileOf(unit) === undefined ? '' : enabledWord(unit),
      })
      const asked = words.flatMap((word) => /^--property=(.*)$/.exec(word)?.[1]?.split(',') ?? [])
      const told = properties.filter(([property]) => asked.length === 0 || asked.includes(property))
      return done(told.map(([property, value]) => `${property}=${value}\n`).join(''))
    },
    // It takes the id of a process as well.
    status: ([name = '']) => status(supervisor.serviceOf(Number(name)) ?? unitName(name), parts),
    cat: ([name = '']) => {
      const file = units.fileOf(unitName(name))
      return file === undefined ? notFound(name) : done(`# ${file}\n${readFileSync(file, 'utf8')}`)
    },
  }
}

async function each(names: readonly string[], action: (name: string) => Promise<Reply>): Promise<Reply> {
  for (const name of names.map(unitName)) {
    const reply = await action(name)
    if (reply.code !== 0) return reply
  }
  return done()
}

function status(name: string, { units, supervisor, journal }: SystemctlParts): Reply {
  const file = units.fileOf(name)
  if (file === undefined) return fail(`Unit ${name} could not be found.\n`, 4)
  const own = supervisor.service(name)
  const enabled = units.isEnabled(name) ? 'enabled' : 'disabled'
  const lines = [
    `● ${name} - ${units.read(file).description}`,
    `     Loaded: loaded (${file}; ${enabled}; preset: disabled)`,
    `     Active: ${own.state} (${whyItIs(own)}) since ${new Date(own.since).toUTCString()}`,
    ...(own.process ? [`   Main PID: ${own.process.pid} (${basename(own.process.spawnfile)})`] : []),
    '',
    ...journal.read(name).slice(-10),
  ]
  return { code: own.state === 'active' ? 0 : 3, stdout: `${lines.join('\n')}\n`, stderr: '' }
}

function whyItIs({ state, result }: ServiceState): string {
  if (state === 'activating') return `auto-restart) (Result: ${result}`
  if (state === 'active') return 'running'
  return state === 'inactive' ? 'dead' : `Result: ${result}`
}

function notFound(name: string, code = 1): Reply {
  return fail(`Failed: Unit ${unitName(name)} not found.\n`, code)
}

function word(text: string, good: string, otherwise: number): Reply {
  return { code: text === good ? 0 : otherwise, stdout: `${text}\n`, stderr: '' }
}
