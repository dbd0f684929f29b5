import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { LabError } from '../../lab/finding.ts'
import type { Ask, Kit } from '../../lab/ports/kit.ts'
import { findEngine, findProgram } from './engine.ts'

const PACKAGES = ['mariadb-server-core', 'mariadb-client-core']

const TITLE = 'MariaDB to be installed'

/**
 * Makes sure that this machine has the database engine. Whoever sits there is asked before anything is installed;
 * where the answer is no, or nothing can be installed, a finding names the command to type.
 */
export async function ensureEngine(ask: Ask, tell: Kit['tell']): Promise<void> {
  if (findEngine()) return
  const command = installCommand()
  const question = `The practice cloud needs MariaDB. May I install it (${command})?`
  if (!canInstall() || !(await ask.confirm(question, { fallback: true, flag: '--yes' })))
    throw missing(command)
  tell({ kind: 'waiting', id: TITLE, title: TITLE, since: Date.now() })
  try {
    await install()
  } catch (cause) {
    throw missing(command, cause)
  } finally {
    tell({ kind: 'waited', id: TITLE })
  }
  if (!findEngine()) throw missing(command)
}

function installCommand(): string {
  if (findProgram('apt-get')) {
    const sudo = isRoot() ? '' : 'sudo '
    return `${sudo}apt-get update && ${sudo}apt-get install --no-remove -y ${PACKAGES.join(' ')}`
  }
  if (findProgram('brew')) return 'brew install mariadb'
  if (findProgram('dnf')) return 'sudo dnf install -y mariadb-server'
  if (findProgram('pacman')) return 'sudo pacman -S mariadb'
  return 'install MariaDB 10.6 or newer with your package manager'
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

function missing(command: string, cause?: unknown): LabError {
  const stderr = (cause as { stderr?: string } | undefined)?.stderr?.trim().split('\n').at(-1)
  return new LabError(
    {
      what: 'The practice cloud needs MariaDB, which this machine does not have.',
      why: stderr ? `Installing it failed: ${stderr}` : whyNot(),
      remedy: { say: 'Install it, then run the same command again.', run: [command] },
    },
    { cause },
  )
}
