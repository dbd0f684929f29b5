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

export function findEngine(): EnginePrograms | undefined {
  const server = findProgram('mariadbd')
  const install = findProgram('mariadb-install-db')
  const client = findProgram('mariadb') ?? findProgram('mysql')
  return server && install && client ? { server, install, client } : undefined
}

/** The path of a program on the PATH or in the places where engines are put. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...FOLDERS]
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
