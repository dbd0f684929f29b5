import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Disk } from './disk.ts'
import { parseUnit, type Unit } from './unit-file.ts'

/** The units of an instance, and which of them are started at a boot. */
export interface UnitFolder {
  /** The file of a unit, where there is one. */
  fileOf(name: string): string | undefined
  read(file: string): Unit
  isEnabled(name: string): boolean
  enabled(): readonly string[]
  /** Enables a unit. `said` is systemd's output, empty where nothing was to be done. */
  enable(nameOrPath: string): { readonly isDone: boolean; readonly said: string }
  disable(name: string): void
}

export function openUnits({ units }: Disk): UnitFolder {
  const wants = join(units, 'multi-user.target.wants')
  const fileOf = (name: string) => {
    const path = join(units, name)
    return name !== '' && existsSync(path) ? path : undefined
  }
  const isEnabled = (name: string) => {
    try {
      return lstatSync(join(wants, name)).isSymbolicLink()
    } catch {
      return false
    }
  }
  return {
    fileOf,
    isEnabled,
    read: (file) => parseUnit(readFileSync(file, 'utf8')),
    enabled: () => readdirSync(wants),
    enable(nameOrPath) {
      const name = unitName(nameOrPath)
      const link = join(units, name)
      const missing = (what: string) => ({
        isDone: false,
        said: `Failed to enable unit: Unit file ${what} does not exist.\n`,
      })
      if (nameOrPath.startsWith('/')) {
        if (!existsSync(nameOrPath)) return missing(nameOrPath)
        rmSync(link, { force: true })
        symlinkSync(nameOrPath, link)
      }
      if (fileOf(name) === undefined) return missing(name)
      if (isEnabled(name)) return { isDone: true, said: '' }
      symlinkSync(link, join(wants, name))
      const wanted = `/etc/systemd/system/multi-user.target.wants/${name}`
      return { isDone: true, said: `Created symlink ${wanted} → ${realpathSync(link)}.\n` }
    },
    disable: (name) => rmSync(join(wants, name), { force: true }),
  }
}

/** The name as systemctl completes it: "app" is app.service. */
export function unitName(nameOrPath: string): string {
  const name = basename(nameOrPath)
  return name === '' || name.includes('.') ? name : `${name}.service`
}
