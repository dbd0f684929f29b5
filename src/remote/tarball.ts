import { buffer } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'
import tar from 'tar-stream'
import type { ProjectFile } from '../lab/ports/host.ts'

/** A gzipped tar archive with modes of our own: Windows has none, and the app's user must be able to read all. */
export async function packProject(files: readonly ProjectFile[]): Promise<Buffer> {
  const pack = tar.pack()
  const folders = new Set(files.flatMap(({ path }) => parents(path)))
  for (const name of folders) pack.entry({ name, type: 'directory', mode: 0o755 })
  for (const { path, content } of files) pack.entry({ name: path, mode: 0o644 }, content)
  pack.finalize()
  return buffer(pack.pipe(createGzip()))
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)
}
