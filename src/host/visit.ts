import { shellQuote } from '../formats/shell-quote.ts'
import { handout } from '../lab/lab.ts'
import { inspectMysqlOptions } from './commands.ts'

/** What the doctor asks of a server, in one command: each question's output and exit code, by its name. */
export type Answers = Readonly<Record<string, Answer>>

export interface Answer {
  readonly code: number
  readonly text: string
}

const APP = `~/${handout.project}`
const SERVICE = handout.service

/**
 * Each line of output is indented by a space, so that none can pass for the name of a question. The last one may
 * lack its end: the exit code begins a line of its own all the same.
 */
const ASK = `ask() { printf '#%s\\n' "$1"; bash -c "$2" 2>&1 | sed 's/^/ /'; printf '\\n=%s\\n' "\${PIPESTATUS[0]}"; }`

const END = 'end'

/** What lies on the server: programs, the project's files, the settings, the unit. */
export function lookAround(
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
    sums: `cd ${APP} && $(command -v sha256sum || echo shasum -a 256) ${files.map(shellQuote).join(' ')} 2>/dev/null`,
    env: `cat ${APP}/.env`,
    config: `cat ${APP}/db_config.py`,
    unit: `cat ${APP}/${SERVICE}.service`,
    ...(databaseHost === undefined
      ? {}
      : {
          // A Mac has no getent.
          dns: `command -v getent >/dev/null || { ping -c 1 ${databaseHost} | head -n 1; exit; }; getent ahosts ${databaseHost}`,
        }),
  })
}

/** How the service fares, and what listens. */
export const lookAtService = inOne({
  service: `systemctl show ${SERVICE} --property=UnitFileState,ActiveState,MainPID`,
  journal: `sudo journalctl -u ${SERVICE} -n 20 --no-pager -o cat`,
  listening: 'ss -ltn',
})

const LISTENERS = `sudo ss -ltnp | grep ':${handout.sitePort} ' | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u`
/** `systemctl status` of a process begins with the service, or the login, that it is a part of. */
const ITS_SERVICE = `systemctl status $pid -n 0 --no-pager | head -n 1 | grep -o '[^ ]*[.]service'`

/** Prints which processes listen on the site's port. */
export const lookAtListeners = `for pid in $(${LISTENERS}); do echo "$pid $(kill -0 $pid && echo own || echo other) $(${ITS_SERVICE} || echo -) $(ps -o args= -p $pid)"; done 2>/dev/null`

function inOne(questions: Readonly<Record<string, string>>): string {
  const asked = Object.entries(questions).map(([name, command]) => `ask ${name} ${shellQuote(command)}`)
  return [ASK, ...asked, `printf '#${END}\\n=0\\n'`].join('; ')
}

/** Nothing that was asked is missing: a shell that ends too early answers nothing, and with success. */
export function isWhole(answers: Answers): boolean {
  return answers[END] !== undefined
}

export function parseAnswers(stdout: string): Answers {
  const answers: Record<string, Answer> = {}
  let name = ''
  let lines: string[] = []
  for (const line of stdout.split('\n')) {
    if (line.startsWith('#')) {
      name = line.slice(1)
      lines = []
    } else if (line.startsWith('=')) {
      answers[name] = { code: Number(line.slice(1)), text: lines.join('\n') }
    } else if (line.startsWith(' ')) {
      lines.push(line.slice(1))
    }
  }
  return answers
}

/** A process that listens on the site's port. */
export interface Listener {
  readonly pid: number
  /** Whether it is ec2-user's, who needs no sudo to end it. */
  readonly isOwn: boolean
  /** The systemd service that it is a part of. */
  readonly service: string | undefined
  readonly command: string
}

export function parseListeners(text: string): readonly Listener[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, owner, unit, command = ''] = /^(\d+) (own|other) (\S+) (.*)$/.exec(line) ?? []
    // A program of somebody who is logged in can be a part of user@1000.service.
    const service = unit === '-' || unit?.startsWith('user@') ? undefined : unit
    return pid === undefined ? [] : [{ pid: Number(pid), isOwn: owner === 'own', service, command }]
  })
}

/** The checksums of the files that are there, by their paths. */
export function parseSums(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line))
  return Object.fromEntries(lines.flatMap((match) => (match ? [[match[2], match[1]]] : [])))
}

/** What the handout's db_config.py says, be it the value itself or the one behind an environment variable's name. */
export function parsePythonConfig(text: string): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {}
  const string = `(?:'([^']*)'|"([^"]*)")`
  const entry = new RegExp(
    `['"](\\w+)['"]\\s*:\\s*(?:os\\.\\w+(?:\\.get)?\\(\\s*['"]\\w+['"]\\s*,\\s*)?${string}`,
    'g',
  )
  for (const [, name = '', single, double] of text.matchAll(entry)) settings[name] = single ?? double ?? ''
  return settings
}
