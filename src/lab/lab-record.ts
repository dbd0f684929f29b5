import type { Names } from './names.ts'

/**
 * The contents of a lab's file: only what AWS can't tell. The cloud is the state, so losing this file loses no
 * resource; passwords are saved before the database is asked for, and the launch token before the launch.
 */
export interface LabRecord {
  readonly version: 1
  readonly id: string
  readonly name: string
  /** The cloud that the lab runs on, by the name that world.ts gives it. */
  readonly target: string
  readonly region: string
  readonly profile?: string
  readonly account?: string
  readonly owner?: string
  readonly madeAt: string
  readonly names?: Names
  readonly sshFrom?: string
  readonly allowFrom: string
  /** By when it is to be gone, as ISO 8601 in UTC. */
  readonly expires?: string
  readonly passwords?: { readonly master: string; readonly app: string }
  /** Pinned public host keys (`type base64`) by server id. */
  readonly hostKeys: Readonly<Record<string, readonly string[]>>
  /** The launch that is under way: its token makes a repeated request harmless in the same subnet. */
  readonly launch?:
    | { readonly token: string; readonly subnetId: string; readonly encrypted: boolean }
    | undefined
  /** The last test that passed; none since anything was changed. */
  readonly proof?: { readonly at: string; readonly serverId: string; readonly databaseId: string } | undefined
}
