import { shellQuote } from '../formats/shell-quote.ts'
import { type Endpoint, type HostFact, handout } from '../lab/lab.ts'
import type { Ran } from '../lab/ports/host.ts'

/**
 * The commands for the server, as text. Each is one command line for bash without a terminal; secrets come on
 * stdin only. A command that takes long writes to a file, so that it goes on when the connection is lost.
 */

const APP = `~/${handout.project}`
const SERVICE = handout.service

/**
 * A second `up` waits for a step that a lost connection left running, instead of working beside it. The wait ends
 * with its own connection. Only a write shows the loss, so it writes an empty line each second, and at last.
 */
function alone(name: string, command: string): string {
  const wait = 'for _ in {1..600}; do echo >&2 || exit 1; flock -w 1 9 && break; done && echo >&2'
  const locked = `{ ! command -v flock >/dev/null || flock -n 9 || { ${wait}; } || { echo 'an earlier run of this step is still at work' >&2; exit 1; }; }`
  return `exec 9>~/.flasklab-${name}.lock && ${locked} && { ${command}; }`
}

/** cloud-init installs packages at the first boot; its exit code says nothing about ours (127: it is not there). */
export const waitForFirstBoot = 'sudo timeout 300 cloud-init status --wait >/dev/null 2>&1; [ $? -ne 124 ]'

export const installPackages = alone(
  'dnf',
  'sudo dnf -y install nodejs22 nodejs22-npm mariadb105 tar gzip >>~/flasklab-dnf.log 2>&1 || { tail -n 20 ~/flasklab-dnf.log >&2; exit 1; }',
)

/** Prints the home folder and where Node is; fails unless all that phase 2 installs is there. */
export const inspectHost =
  'command -v npm-22 >/dev/null && command -v mysql >/dev/null && node=$(command -v node-22) && node-22 --version >/dev/null && printf "%s\\n%s\\n" "$HOME" "$node"'

export function parseHost(stdout: string): HostFact | undefined {
  // The last two lines: ~/.bashrc may print something before them.
  const [home, node] = stdout.trimEnd().split('\n').slice(-2)
  return home?.startsWith('/') && node?.startsWith('/') ? { home, node } : undefined
}

/** Prints the digest of the project that is in place, whole and with its dependencies. */
export const inspectProject = `test -f ${APP}/app.js && test -d ${APP}/node_modules && cat ${APP}/.flasklab-digest`

/**
 * stdin: the project as tar.gz. Unpacked and installed beside the present one, which is kept as *.old, so that
 * there is a whole project at every moment. The files that phase 7 has written go along: the app may run by them.
 */
export function installProject(digest: string): string {
  const work = `${APP}.new`
  return alone(
    'project',
    [
      'umask 022',
      `rm -rf ${work}`,
      `mkdir -p ${work}`,
      `cd ${work}`,
      'tar -xzf - --no-same-owner',
      '{ npm-22 ci --omit=dev --ignore-scripts --no-audit --no-fund >~/flasklab-npm.log 2>&1 || { tail -n 20 ~/flasklab-npm.log >&2; exit 1; }; }',
      `printf %s ${shellQuote(digest)} >.flasklab-digest`,
      'cd ~',
      `{ for kept in .env ${SERVICE}.service; do ! test -f ${APP}/$kept || cp -p ${APP}/$kept ${work}/ || exit 1; done; }`,
      `{ ! test -e ${APP} || { rm -rf ${APP}.old && mv ${APP} ${APP}.old; }; }`,
      `mv ${work} ${APP}`,
    ].join(' && '),
  )
}

/** How a new connection to the database ends. */
export type Reachability = 'answers' | 'silent' | 'refused' | 'unresolved'

/** Opens a new TCP connection and waits for the greeting that a MySQL server sends by itself. */
export function probeDatabase({ host, port }: Endpoint): string {
  const greeting = `exec 3<>/dev/tcp/${host}/${port} && read -r -t 5 -n 1 -u 3`
  // A Mac has no timeout; there only the greeting's wait is limited, not the connecting.
  return `$(command -v timeout >/dev/null && echo timeout 5) bash -c ${shellQuote(greeting)}`
}

/** The result of the probe; bash tells why in the words of the C library. */
export function readProbe({ code, stderr }: Pick<Ran, 'code' | 'stderr'>): Reachability {
  if (code === 0) return 'answers'
  if (code === 124 || code === 142) return 'silent'
  return /not known|name resolution|No address associated/i.test(stderr) ? 'unresolved' : 'refused'
}

/** stdin: the password, a newline, then SQL. */
export function runSql({ host, port }: Endpoint, user: string, database?: string): string {
  const words = [
    'mysql',
    // The first argument, and not --defaults-extra-file: ~/.my.cnf would win over that.
    `--defaults-file=<(printf '[client]\\npassword="%s"\\n' "$pw")`,
    '--protocol=tcp',
    `--host=${shellQuote(host)}`,
    `--port=${port}`,
    `--user=${shellQuote(user)}`,
    `--ssl-ca="$HOME/${handout.project}/rds-ca.pem"`,
    '--ssl-verify-server-cert',
    '--connect-timeout=10',
    '--default-character-set=utf8mb4',
    '--batch',
    ...(database === undefined ? [] : [shellQuote(database)]),
  ]
  return `IFS= read -r pw && exec ${words.join(' ')}`
}

/** Writes stdin to a file, all of it or nothing. A folder in its place, which mv would fill, is kept as *.old. */
function write(path: string, umask: string): string {
  const makeRoom = `{ ! test -d ${path} || { rm -rf ${path}.old && mv ${path} ${path}.old; }; }`
  return `umask ${umask} && cat >${path}.new && ${makeRoom} && mv -f ${path}.new ${path}`
}

/** stdin: the option file that lets the student type plain `mysql`. */
export const writeMysqlOptions = write('~/.my.cnf', '077')

/** Fails where plain `mysql` has no options, or none that it can read. */
export const inspectMysqlOptions = 'test -s ~/.my.cnf && mysql --version'

/** stdin: the environment file. */
export const writeEnvFile = alone('project', write(`${APP}/.env`, '077'))

/** stdin: the unit. */
export const writeUnit = alone('project', write(`${APP}/${SERVICE}.service`, '022'))

/** Only in the project that the service was started with: one that was put in its place since has none. */
const STARTED = `${APP}/.flasklab-started`

/** `enable --now` would leave a running service with its old settings: always restart. */
export const restartService = alone(
  'project',
  `sudo systemctl enable "$HOME/${handout.project}/${SERVICE}.service" && sudo systemctl daemon-reload && sudo systemctl restart ${SERVICE} && touch ${STARTED}`,
)

/** Prints the checksums of what phase 7 writes; fails unless the service is enabled and runs this very project. */
export const inspectService = `test -e ${STARTED} && systemctl show ${SERVICE} --property=UnitFileState,ActiveState | grep -cx -e UnitFileState=enabled -e ActiveState=active | grep -qx 2 && cat ${APP}/.env ${APP}/${SERVICE}.service | { sha256sum 2>/dev/null || shasum -a 256; }`

/**
 * Asks the app on the server itself; prints after how long, and the answer. Node asks, as it is there in any case, and
 * by http, which is loaded in a third of the time that fetch needs.
 */
export function askHealth(node: string): string {
  const script = [
    'const s=Date.now(),tell=(t,c)=>{console.log(Date.now()-s+"\\n"+t);process.exit(c)}',
    'const failed=e=>tell(e.cause?.name??e.code,2)',
    'const answered=r=>{let t="";r.on("data",d=>t+=d).on("error",failed).on("end",()=>tell(t,r.statusCode<300?0:1))}',
    `require("http").get("http://127.0.0.1:${handout.sitePort}/health",{signal:AbortSignal.timeout(5000)},answered).on("error",failed)`,
  ].join(';')
  return `${shellQuote(node)} -e ${shellQuote(script)}`
}

/** The app's answer about itself, or the error in its place; the text is empty where Node.js did not run. */
export interface Health {
  readonly code: number
  readonly ms: number
  readonly text: string
}

export function readHealth({ code, stdout }: Pick<Ran, 'code' | 'stdout'>): Health {
  const [, ms = '0', text = ''] = /(?:^|\n)(\d+)\n(.*)$/s.exec(stdout.trim()) ?? []
  return { code, ms: Number(ms), text }
}

/** `messages`: without times and names; `follow`: new lines as they come, until the terminal there ends. */
export function journal(lines: number, how: 'whole' | 'messages' | 'follow'): string {
  const flags = { whole: '--no-pager', messages: '--no-pager -o cat', follow: '-f' }
  return `sudo journalctl -u ${SERVICE} -n ${lines} ${flags[how]}`
}
