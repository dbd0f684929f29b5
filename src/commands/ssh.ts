import type { Kit } from '../lab/ports/kit.ts'
import type { ConnectKit } from '../phases/host-key.ts'
import { findHost } from './running-lab.ts'

/** A shell on the server, or a command there; its exit code. Words are joined with spaces, as OpenSSH does. */
export async function ssh(
  words: readonly string[],
  kit: ConnectKit & Pick<Kit, 'snapshot'>,
): Promise<number> {
  const host = await findHost(kit)
  return host.attach(words.length === 0 ? undefined : words.join(' '), { terminal: false })
}
