import { LabError } from '../../lab/finding.ts'
import type { Server } from '../../lab/lab.ts'
import type { Host } from '../../lab/ports/host.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import { knownKeys, printedKeys } from '../../phases/host-key.ts'

export type Login =
  | { readonly how: 'in'; readonly host: Host }
  | {
      readonly how: 'wrong-host-key' | 'denied' | 'no-answer' | 'no-key' | 'unknown-host-key'
      readonly error?: LabError
    }

/** Tries once; a server made by hand has keys that nobody has noted. */
export async function logIn(server: Server, kit: Kit): Promise<Login> {
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
