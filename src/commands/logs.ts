import { journal } from '../host/commands.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { ConnectKit } from '../phases/host-key.ts'
import { findHost } from './running-lab.ts'

export interface LogsOptions {
  readonly lines: number
  readonly follow: boolean
}

/** The app's journal; its exit code. Following needs a terminal there, whose end ends the remote program. */
export async function logs(
  { lines, follow }: LogsOptions,
  kit: ConnectKit & Pick<Kit, 'snapshot'>,
): Promise<number> {
  const host = await findHost(kit)
  return host.attach(journal(lines, follow ? 'follow' : 'whole'), { terminal: follow })
}
