import type { Operations } from './operation.ts'
import type { Protocol } from './protocol.ts'

/** One of AWS's services: how it is spoken to, and what it does. */
export interface ApiService {
  readonly name: string
  /** As requests name it; those in JSON name a target in its place. */
  readonly version: string
  readonly namespace: string
  readonly protocol: Protocol
  readonly operations: Operations
}

export function serviceNamed(services: readonly ApiService[], name: string): ApiService | undefined {
  return services.find((service) => service.name === name)
}

/** The service by its API's version, as the Query protocol names it. */
export function serviceOfVersion(
  services: readonly ApiService[],
  version: string | null,
): ApiService | undefined {
  return services.find((service) => service.version === version)
}
