import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2'
import type { Status } from '../../src/commands/status.ts'
import { programOnPath } from './program-on-path.ts'
import { until } from './until.ts'

export const PROGRAM = fileURLToPath(new URL('../../bin/flasklab.js', import.meta.url))

export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Somebody with a laptop, an empty FLASKLAB_HOME and no AWS settings, who types commands. */
export interface Student {
  readonly home: string
  readonly environment: Readonly<Record<string, string>>
  /** Everything that any command has printed so far. */
  said(): string
  types(words: readonly string[], more?: Readonly<Record<string, string>>): Promise<Run>
  /** A command that is still running. */
  begins(words: readonly string[]): ChildProcess
  status(): Promise<Status>
  /** The practice cloud's own list of requests, oldest first. */
  requests(): Promise<LoggedRequest[]>
  /** Brings the practice lab "lab", made by `up` once for all files of this worker. Only into an empty home. */
  findsLab(): Promise<void>
  /** Ends everything that is left, and removes the folder. */
  leaves(): Promise<void>
}

interface LoggedRequest {
  readonly time: number
  readonly service: string
  readonly action: string
  readonly outcome: string
}

const PAUSE_MS = 200

/** How many there are, where a look that is repeated in one wait counts once: it comes after a pause, and nothing was changed meanwhile. */
export function countOnce(requests: readonly LoggedRequest[]): number {
  const last = new Map<string, number>()
  return requests.filter(({ time, service, action }) => {
    if (!/^(Describe|Get|List)/.test(action)) last.clear()
    const before = last.get(`${service} ${action}`)
    last.set(`${service} ${action}`, time)
    return before === undefined || time - before < PAUSE_MS
  }).length
}

interface Wishes {
  /** The true npm fills the server's `node_modules`; else what it did once is copied. */
  readonly npm?: 'true'
  /** No server and no database takes time to start, stop or go. */
  readonly pace?: 'none'
}

export async function newStudent({ npm, pace }: Wishes = {}): Promise<Student> {
  const home = await newHome()
  const { PATH: path = '', HOME = '', TMPDIR, NODE_EXTRA_CA_CERTS } = process.env
  const PATH = npm === 'true' ? path : [quickNpm(), path].join(delimiter)
  const environment: Record<string, string> = {
    PATH,
    HOME,
    FLASKLAB_HOME: home,
    LANG: 'C.UTF-8',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...(pace === 'none' && { FLASKLAB_PRACTICE_PACE: '0' }),
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    ...(NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS }),
  }
  const printed: string[] = []
  const begins = (words: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    spawn(process.execPath, [PROGRAM, ...words], {
      env: { ...environment, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const types: Student['types'] = async (words, more) => {
    const child = begins(words, more)
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    printed.push(stdout, stderr)
    return { code: await ended, stdout, stderr }
  }
  const status = async () => {
    const { code, stdout, stderr } = await types(['status', '--json'])
    if (code !== 0) throw new Error(`status ended with ${code}: ${stdout}${stderr}`)
    return JSON.parse(stdout) as Status
  }
  return {
    home,
    environment,
    said: () => printed.join('\n'),
    types,
    begins: (words) => begins(words),
    status,
    async requests() {
      const log = await readFile(join(home, 'practice', 'requests.log'), 'utf8')
      return log
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    },
    async findsLab() {
      const expectDone = async (...words: string[]) => {
        const run = await types(words)
        if (run.code !== 0) throw new Error(`${words.join(' ')}: ${run.stdout}${run.stderr}`)
      }
      const built = `${home}-built`
      if (existsSync(built)) await copyFolder(built, home)
      else await expectDone('up', '--practice', '--yes')
      if (home === usualHome() && !existsSync(built)) {
        await expectDone('practice', 'stop')
        await copyFolder(home, `${built}.new`)
        await rename(`${built}.new`, built)
      }
      // Its services start with the practice cloud, and need a moment.
      await until('the lab runs again', async () => {
        const { phases } = await status()
        return phases.every(({ done }) => done)
      })
    },
    async leaves() {
      if (existsSync(join(home, 'practice'))) await types(['practice', 'stop'])
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Folders that tests of this run keep begin so; the global setup removes them at its end. */
export const keptBy = (runner: number) => join(tmpdir(), `fl-${runner}-`)

/** One for each worker, since a lab is full of absolute paths. */
const usualHome = () => `${keptBy(process.ppid)}${process.env['VITEST_POOL_ID']}`

/** Another one for a second student at the same time. */
async function newHome(): Promise<string> {
  const usual = usualHome()
  if (existsSync(usual)) return mkdtemp(join(tmpdir(), 'fl-'))
  mkdirSync(usual, { mode: 0o700 })
  return usual
}

/** Node's own copy would resolve relative links. */
const copyFolder = (from: string, to: string) => promisify(execFile)('cp', ['-a', `${from}/.`, to])

/** A folder with an npm that is the true one but for `npm ci`: what that made of a lock file once, it copies. */
function quickNpm(): string {
  const folder = `${keptBy(process.ppid)}npm`
  const program = join(folder, 'npm')
  if (existsSync(program)) return folder
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const draft = `${program}.${process.pid}`
  writeFileSync(
    draft,
    `#!/bin/bash
true_npm=${programOnPath('npm')}
[[ "$1" == ci ]] || exec "$true_npm" "$@"
kept=${folder}/$(cat package.json package-lock.json | sha256sum | cut -c1-16)
rm -rf node_modules
[[ -d "$kept" ]] && exec cp -a "$kept" node_modules
"$true_npm" "$@" || exit
cp -a node_modules "$kept.$$" && mv -T "$kept.$$" "$kept" 2>/dev/null
exit 0
`,
  )
  chmodSync(draft, 0o755)
  renameSync(draft, program)
  return folder
}

/** Runs some other program as the student would; a code other than 0 is an answer. */
export async function runs(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  timeout = 60_000,
): Promise<Run> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, words, { env: environment, timeout })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string }
    return { code: typeof code === 'number' ? code : null, stdout, stderr }
  }
}

/** The settings that `practice env` gives to any AWS client. */
export async function practiceVariables(of: Student): Promise<Record<string, string>> {
  return JSON.parse((await of.types(['practice', 'env', '--json'])).stdout) as Record<string, string>
}

/** The one rule that lets the server's group into the database's, and its group. */
export async function databaseRule(of: Student) {
  const {
    AWS_ENDPOINT_URL = '',
    AWS_ACCESS_KEY_ID = '',
    AWS_SECRET_ACCESS_KEY = '',
    AWS_REGION = '',
  } = await practiceVariables(of)
  const ec2 = new EC2Client({
    endpoint: AWS_ENDPOINT_URL,
    region: AWS_REGION,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  })
  const Filters = [{ Name: 'group-name', Values: ['rds-ec2-1'] }]
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))
  const [group] = SecurityGroups
  const permission = { GroupId: group?.GroupId, IpPermissions: group?.IpPermissions }
  return {
    group: group?.GroupId,
    revoke: () => ec2.send(new RevokeSecurityGroupIngressCommand(permission)),
    authorize: () => ec2.send(new AuthorizeSecurityGroupIngressCommand(permission)),
  }
}

/** Whether this machine has the program, for tests of clients that not every machine has. */
export function has(program: string): boolean {
  return programOnPath(program) !== undefined
}
