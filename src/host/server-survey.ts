import { parseEnvFile } from '../formats/env-file.ts'
import { shellQuote } from '../formats/shell-quote.ts'
import { type HostFact, handout } from '../lab/lab.ts'
import { inspectMysqlOptions, parseHost } from './commands.ts'
import { parsePythonConfig } from './python-config.ts'
import { type Answer, inOne, isWhole, readAnswers } from './questions.ts'

const APP = `~/${handout.project}`

/** The state of the server: programs, the project's files, the settings, the unit. */
export interface ServerSurvey {
  /** Whether its shell has run all that was asked of it. */
  readonly isWhole: boolean
  /** Its home folder and its Node.js, where both are there. */
  readonly host: HostFact | undefined
  readonly freeMib: number | undefined
  /** The largest files, by their paths from the home folder on; strange ones, which a shell would misread, are left out. */
  readonly largeFiles: readonly string[]
  readonly node: Trial
  readonly mysql: Trial
  readonly mysqlOptions: Trial
  /** The files and packages that were asked for and are not there; undefined where the project's folder is not. */
  readonly missing: readonly string[] | undefined
  /** The checksums of the files that are there, by their paths. */
  readonly sums: Readonly<Record<string, string>>
  readonly env: SettingsFile
  /** The handout's db_config.py. */
  readonly config: PythonConfig
  readonly unit: string
  /** The addresses to which the database's endpoint resolves there. */
  readonly databaseAddresses: readonly string[]
}

/** Whether a program ran when it was tried, and what it printed. */
interface Trial {
  readonly works: boolean
  readonly said: string
}

export interface SettingsFile {
  readonly is: 'file' | 'folder' | 'missing'
  readonly settings: Readonly<Record<string, string>>
  /** It begins with a byte order mark, which hides its first line from systemd. */
  readonly hasMark: boolean
}

interface PythonConfig {
  readonly settings: Readonly<Record<string, string>>
  readonly tls: 'off' | 'named' | 'unnamed'
}

/** One command that asks all of it. */
export function surveyServer(
  files: readonly string[],
  packages: readonly string[],
  databaseHost: string | undefined,
): string {
  const all = [...files, ...packages].map(shellQuote).join(' ')
  return inOne({
    home: 'echo "$HOME"',
    disk: 'df -Pk "$HOME" | tail -n 1',
    // A Mac's find can't print like this; then none is named.
    large: "find ~ -xdev -type f -size +100M -printf '%s %P\\n' | sort -rn | head -n 3",
    node: 'command -v node-22 && node-22 --version',
    // Options that it can't read would end it.
    mysql: 'command -v mysql && mysql --no-defaults --version',
    mysqlOptions: inspectMysqlOptions,
    missing: `cd ${APP} && for part in ${all}; do test -e "$part" || echo "$part"; done`,
    sums: `cd ${APP} && { command -v sha256sum >/dev/null || sha256sum() { shasum -a 256 "$@"; }; } && sha256sum ${files.map(shellQuote).join(' ')} 2>/dev/null`,
    env: `cat ${APP}/.env`,
    config: `cat ${APP}/db_config.py`,
    unit: `cat ${APP}/${handout.service}.service`,
    ...(databaseHost === undefined
      ? {}
      : {
          // A Mac has no getent.
          dns: `command -v getent >/dev/null || { ping -c 1 ${databaseHost} | head -n 1; exit; }; getent ahosts ${databaseHost}`,
        }),
  })
}

export function readServerSurvey(stdout: string): ServerSurvey {
  const answers = readAnswers(stdout)
  const textOf = (name: string) => answers[name]?.text ?? ''
  const fileOf = (name: string) => (answers[name]?.code === 0 ? textOf(name) : '')
  return {
    isWhole: isWhole(answers),
    // Its version follows the place of Node.js.
    host: parseHost(`${textOf('home')}\n${textOf('node').split('\n')[0]}`),
    freeMib: readFreeMib(textOf('disk')),
    largeFiles: readLargeFiles(textOf('large')),
    node: trialOf(answers['node']),
    mysql: trialOf(answers['mysql']),
    mysqlOptions: trialOf(answers['mysqlOptions']),
    missing: answers['missing']?.code === 0 ? linesIn(textOf('missing')) : undefined,
    sums: readSums(textOf('sums')),
    env: readEnv(answers['env']),
    config: readConfig(fileOf('config')),
    unit: fileOf('unit'),
    databaseAddresses: textOf('dns').match(/\d+\.\d+\.\d+\.\d+|::1\b/g) ?? [],
  }
}

function trialOf({ code, text }: Answer = { code: 1, text: '' }): Trial {
  return { works: code === 0, said: text.trim() }
}

function linesIn(text: string): readonly string[] {
  return text.split('\n').filter(Boolean)
}

function readFreeMib(text: string): number | undefined {
  const freeMib = Math.floor(Number(text.trim().split(/\s+/)[3]) / 1024)
  return Number.isFinite(freeMib) ? freeMib : undefined
}

function readLargeFiles(text: string): readonly string[] {
  return linesIn(text)
    .map((line) => line.replace(/^\d+ /, ''))
    .filter((path) => /^[\w.][\w./-]*$/.test(path))
}

function readSums(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line))
  return Object.fromEntries(lines.flatMap((match) => (match ? [[match[2], match[1]]] : [])))
}

function readEnv({ code, text }: Answer = { code: 1, text: '' }): SettingsFile {
  if (code !== 0)
    return { is: /Is a directory/i.test(text) ? 'folder' : 'missing', settings: {}, hasMark: false }
  return { is: 'file', settings: parseEnvFile(text), hasMark: text.startsWith('\uFEFF') }
}

function readConfig(text: string): PythonConfig {
  const isOff = /['"]ssl_disabled['"]\s*:\s*True/.test(text)
  return {
    settings: parsePythonConfig(text),
    tls: isOff ? 'off' : /['"]ssl/.test(text) ? 'named' : 'unnamed',
  }
}
