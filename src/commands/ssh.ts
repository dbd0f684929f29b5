import type { Kit } from '../lab/ports/kit.ts'
import { findHost } from './running-lab.ts'

/** A shell on the server, or a command there; its exit code. Words are joined with spaces, as OpenSSH does. */
export async function ssh(words: readonly string[], kit: Kit): Promise<number> {
  const host = await findHost(kit)
  return host.attach(words.length === 0 ? undefined : words.join(' '), { terminal: false })
}
