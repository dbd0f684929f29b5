import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { PracticeTrouble, type Words } from '../trouble.ts'
import { findEngine, findProgram } from './engine.ts'

const PACKAGES = ['mariadb-server-core', 'mariadb-client-core']

/** The person at the machine. */
export interface Owner {
  confirm(question: string): Promise<boolean>
  /** Is told that the installation is going on, for as long as the work takes. */
  during<Value>(work: () => Promise<Value>): Promise<Value>
}

/**
 * Makes sure that this machine has the database engine. Its owner is asked before anything is installed; where the
 * answer is no, or nothing can be installed, the trouble names the command to type.
 */
export async function ensureEngine({ confirm, during }: Owner): Promise<void> {
  if (findEngine()) return
  const commands = installCommands()
  const typed = commands.map((words) => words.join(' ')).join(' && ')
  const question = `The practice cloud needs MariaDB. May I install it (${typed})?`
  if (!canInstall() || !(await confirm(question))) throw missing(commands)
  try {
    await during(install)
  } catch (cause) {
    throw missing(commands, cause)
  }
  if (!findEngine()) throw missing(commands)
}

/** The commands that install it on this machine, in their order. */
function installCommands(): readonly Words[] {
  if (findProgram('apt-get')) {
    const apt = isRoot() ? ['apt-get'] : ['sudo', 'apt-get']
    return [
      [...apt, 'update'],
      [...apt, 'install', '--no-remove', '-y', ...PACKAGES],
    ]
  }
  if (findProgram('brew')) return [['brew', 'install', 'mariadb']]
  if (findProgram('dnf')) return [['sudo', 'dnf', 'install', '-y', 'mariadb-server']]
  if (findProgram('pacman')) return [['sudo', 'pacman', '-S', 'mariadb']]
  return ['install MariaDB 10.6 or newer with your package manager'.split(' ')]
}

/** Debian and Ubuntu, as root or with a sudo that asks nothing; elsewhere the student types the command. */
function canInstall(): boolean {
  if (process.env['FLASKLAB_MARIADB'] || !findProgram('apt-get')) return false
  return isRoot() || spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
}

async function install(): Promise<void> {
  const run = promisify(execFile)
  const [program, ...prefix] = isRoot() ? ['apt-get'] : ['sudo', '-n', 'apt-get']
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' } }
  const apt = (...words: string[]) => run(program ?? 'apt-get', [...prefix, ...words], options)
  const packages = ['install', '--no-remove', '--no-install-recommends', '-y', '-qq', ...PACKAGES]
  // Package lists may be absent, as on a fresh machine, or stale; only then are they fetched.
  await apt(...packages).catch(async () => {
    await apt('update', '-qq')
    await apt(...packages)
  })
}

function whyNot(): string {
  const chosen = process.env['FLASKLAB_MARIADB']
  if (chosen) return `FLASKLAB_MARIADB says that it is in ${chosen}, but its programs are not there.`
  return 'A real database server stands in for RDS, and flasklab may not install it here.'
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function missing(install: readonly Words[], cause?: unknown): PracticeTrouble {
  const stderr = (cause as { stderr?: string } | undefined)?.stderr?.trim().split('\n').at(-1)
  const why = stderr ? `Installing it failed: ${stderr}` : whyNot()
  return new PracticeTrouble({ kind: 'engine-missing', install, why }, { cause })
}
