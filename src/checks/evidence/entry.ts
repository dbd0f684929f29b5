import { DoesNotApply } from '../../lab/check.ts'
import { expectServer } from '../../lab/facts.ts'
import { type Finding, LabError } from '../../lab/finding.ts'
import type { Server } from '../../lab/lab.ts'
import { noServer } from '../../lab/no-server.ts'
import type { WithCloud } from '../../lab/ports/cloud.ts'
import type { Host } from '../../lab/ports/host.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import type { Servers } from '../../lab/ports/servers.ts'
import { knownKeys, printedKeys } from '../../phases/host-key.ts'
import type { CloudLooks } from './cloud.ts'
import { once } from './once.ts'

/** Why what needs a login is skipped, where no key is named. */
export const KEY_UNKNOWN = 'its key is not known: name it with --key'

export type Login =
  | { readonly how: 'in' }
  | {
      readonly how: 'wrong-host-key' | 'denied' | 'no-answer' | 'no-key' | 'unknown-host-key'
      readonly finding?: Finding
    }

/** The way into the server, for the looks that need it. */
export interface Entry {
  /** The server, where it runs and has an address. */
  reachable(): Promise<Server>
  login(): Promise<Login>
  host(): Promise<Host>
  run(command: string, timeoutMs: number): ReturnType<Host['run']>
}

export function enterServer(
  kit: Pick<Kit, 'connect' | 'isHandmade' | 'keys' | 'record'> & WithCloud<Servers>,
  { server }: Pick<CloudLooks, 'server'>,
): Entry {
  const reachable = async () => expectServer(await server())
  const attempt = once(async () => {
    if (kit.isHandmade && kit.keys.look().kind === 'missing') throw new DoesNotApply(KEY_UNKNOWN)
    return tryOnce(await reachable(), kit)
  })
  const host = async () => {
    const ended = await attempt()
    if (ended.how === 'in') return ended.host
    throw ended.error ?? noServer(await server())
  }
  return {
    reachable,
    host,
    run: async (command, timeoutMs) => (await host()).run(command, { timeoutMs }),
    login: once(async () => {
      const { how, ...ended } = await attempt()
      if (how === 'in') return { how }
      return 'error' in ended && ended.error ? { how, finding: ended.error.finding } : { how }
    }),
  }
}

type Attempt =
  | { readonly how: 'in'; readonly host: Host }
  | { readonly how: Exclude<Login['how'], 'in'>; readonly error?: LabError }

/** A server made by hand has keys that nobody has noted. */
async function tryOnce(
  server: Server,
  kit: Pick<Kit, 'connect' | 'isHandmade' | 'record'> & WithCloud<Servers>,
): Promise<Attempt> {
  const known = knownKeys(server, kit) ?? (await printedKeys(server, kit))
  const hostKeys = known ?? (kit.isHandmade ? 'any' : undefined)
  if (hostKeys === undefined) return { how: 'unknown-host-key' }
  try {
    return { how: 'in', host: await kit.connect({ server, hostKeys, patienceMs: 0 }) }
  } catch (error) {
    if (error instanceof LabError) return { how: howItEnded(error), error }
    throw error
  }
}

function howItEnded(error: LabError): Exclude<Login['how'], 'in'> {
  switch (error.code) {
    case 'wrong-host-key':
    case 'no-key':
    case 'denied':
      return error.code
    default:
      return 'no-answer'
  }
}
