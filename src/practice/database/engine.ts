import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The programs of the database engine that stands in for RDS, found on this machine. */
export interface EnginePrograms {
  readonly server: string
  readonly install: string
  readonly client: string
}

const FOLDERS = [
  '/usr/sbin',
  '/usr/bin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/usr/libexec',
]

/** The engine in the folder that FLASKLAB_MARIADB names, else wherever this machine has it. */
export function findEngine(): EnginePrograms | undefined {
  const chosen = process.env['FLASKLAB_MARIADB']
  const find = (name: string) => (chosen ? findProgram(name, [chosen]) : findProgram(name))
  const server = find('mariadbd')
  const install = find('mariadb-install-db')
  const client = find('mariadb') ?? find('mysql')
  return server && install && client ? { server, install, client } : undefined
}

/** The path of a program on the PATH or in the places where servers are put. */
export function findProgram(
  name: string,
  folders = [...(process.env['PATH'] ?? '').split(delimiter), ...FOLDERS],
): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
