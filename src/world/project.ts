import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ProjectFile, ProjectSource } from '../lab/ports/host.ts'

/** The project that lands on the server, as it lies beside this program. */
export function readProject(): ProjectSource {
  const root = fileURLToPath(new URL('../../app-template', import.meta.url))
  const schema = readFileSync(new URL('../../sql/schema.sql', import.meta.url), 'utf8')
  return { files: filesIn(root, root).sort((one, other) => one.path.localeCompare(other.path)), schema }
}

function filesIn(root: string, folder: string): ProjectFile[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.name === 'node_modules') return []
    if (entry.isDirectory()) return filesIn(root, path)
    return [{ path: relative(root, path).replaceAll('\\', '/'), content: readFileSync(path) }]
  })
}
