import type { Command } from '../command.ts'
import type { Inventory } from '../usage.ts'

/** All that there is of the lab. */
export interface Resources {
  /** Everything that carries the lab's tag and still exists, what is being deleted included. */
  listResources(): Promise<readonly Resource[]>
  /** The servers and databases among them. */
  listServersAndDatabases(): Promise<readonly Resource[]>
  /** Resources beside the lab that only the student's own hand can have made: Elastic IP addresses, snapshots, kept backups, logs. */
  listUnmanaged(): Promise<ResourceSearch>
  /** Resources with a name that only this lab gives, with its tags or without. */
  findByName(): Promise<readonly Resource[]>
  /** A server or database that is the lab's by its key pair or subnet group, and has lost the lab's tag. */
  findUntagged(): Promise<readonly Resource[]>
  /** The parts of the lab for which a bill has lines, or would have. */
  takeInventory(): Promise<Inventory>
}

export interface Deletion {
  /** Those of the resources that still exist, asked for by their ids. */
  stillExisting(resources: readonly Resource[]): Promise<readonly Resource[]>
  /** Asks for a resource to be deleted; nothing happens when it is gone already. `together`: what else is being deleted. */
  remove(resource: Resource, together?: readonly Resource[]): Promise<Removal>
}

export type ResourceKind =
  | 'server'
  | 'database'
  | 'subnet-group'
  | 'security-group'
  | 'key-pair'
  | 'volume'
  | 'network-interface'
  | 'address'
  | 'snapshot'
  | 'automated-backup'
  | 'log-group'

export interface Resource {
  readonly kind: ResourceKind
  readonly id: string
  readonly name: string
  /** An id that no other resource will ever have; only where `id` is a name that another may take later. */
  readonly uniqueId?: string
  /** In AWS's word, where it has states. */
  readonly state?: string
  /** In ms since 1970, where AWS tells. */
  readonly madeAt?: number
  /** AWS refuses to delete it until that protection is switched off. */
  readonly isProtected?: boolean
  /** By which RDS is told what to tag, where it is to be told. */
  readonly arn?: string
  /** It is part of the lab's own, but does not carry the lab's tags: it is told of and never touched. */
  readonly isUntagged?: boolean
}

/** Resources, and kinds of them that these credentials may not look at. */
export interface ResourceSearch {
  readonly found: readonly Resource[]
  readonly unseen: readonly string[]
}

/** `asked`: it is going or gone. `not-yet`: something still needs it, or it is not in a state to be deleted. */
export type Removal =
  | { readonly done: 'asked' }
  | { readonly done: 'not-yet'; readonly why: string; readonly dependents: readonly Dependent[] }

/** Something that keeps a resource from being deleted. */
export interface Dependent {
  /** The resource with which it ends; undefined: it ends by itself. */
  readonly by: string | undefined
  /** As the student reads it: "the rule sgr-1 of the group default (sg-2), which names it". */
  readonly what: string
  /** Commands that let go of it. */
  readonly run: readonly Command[]
}
