import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ensureEngine } from '../../src/practice/database/install.ts'
import { keptBy } from './student.ts'

/** Whoever runs the tests has agreed to what they need: MariaDB is installed where it is missing. */
export async function setup(): Promise<void> {
  await ensureEngine({ confirm: async () => true, during: (work) => work() })
}

/** Removes what the workers kept for each other. */
export async function teardown(): Promise<void> {
  const kept = keptBy(process.pid)
  const folders = await readdir(dirname(kept))
  for (const name of folders.filter((each) => each.startsWith(basename(kept))))
    await rm(join(dirname(kept), name), { recursive: true, force: true })
}
