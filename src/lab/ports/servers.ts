import type { Subnet } from '../lab.ts'

export interface Servers {
  /** The lab's server in any state but ending or ended. */
  findServer(): Promise<ServerSeen | undefined>
  /** A server by its id, ended ones too; undefined while AWS does not know it yet. */
  lookAtServer(id: string): Promise<ServerSeen | undefined>
  launchServer(spec: LaunchSpec): Promise<string>
  startServer(id: string): Promise<void>
  setServerGroups(id: string, groupIds: readonly string[]): Promise<void>
  consoleOutput(id: string): Promise<string>
  tagServer(id: string, key: string, value: string): Promise<void>
}

export interface KeyPairs {
  /** Makes the key pair known under the lab's name for it, unless it is. */
  ensureKeyPair(publicKey: string): Promise<void>
  /** The public half of any pair as one OpenSSH line; undefined where AWS does not tell it. */
  publicKeyOf(keyName: string): Promise<string | undefined>
}

export interface ServerSeen {
  readonly id: string
  readonly state: 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated'
  /** Why it ended, in AWS's words, where it says so. */
  readonly stateReason: string
  readonly address: string | undefined
  readonly privateAddress: string | undefined
  readonly vpcId: string
  readonly subnetId: string
  readonly groupIds: readonly string[]
  /** When it was launched or last started, in ms since 1970. */
  readonly launchedAt: number | undefined
  /** The interface that carries its addresses and groups. */
  readonly interfaceId: string | undefined
  /** The key pair that it was launched with. */
  readonly keyName: string | undefined
  /** The name of the lab that it was launched for; undefined for one that was launched by hand. */
  readonly lab: string | undefined
}

export interface LaunchSpec {
  readonly subnet: Subnet
  readonly groupIds: readonly string[]
  /** Makes a repeated request harmless; saved before it is used. */
  readonly token: string
  readonly encrypted: boolean
}
