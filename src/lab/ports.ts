import type { Duplex } from 'node:stream'
import type { AclEntry, FirewallRule } from '../net/firewall.ts'
import type { Command } from './command.ts'
import type { Event } from './events.ts'
import type { Endpoint, Identity, Network, Server } from './lab.ts'
import type { LabRecord } from './lab-record.ts'
import type { Names } from './names.ts'
import type { Secret } from './secret.ts'
import type { Inventory } from './usage.ts'

/** All that the phases and commands may ask of the world. Adapters implement it; world.ts puts it together. */
export interface Kit {
  readonly cloud: Cloud
  readonly clock: Clock
  readonly ask: Ask
  readonly tell: (event: Event) => void
  readonly record: RecordKeeper
  readonly keys: KeyMaker
  readonly laptop: Laptop
  /** The lab was made in the console: it has no record, no tags and the handout's own app. */
  readonly isHandmade: boolean
  readonly reach: Reach
  /** The address from which the student's connections come, as the cloud sees them. */
  readonly myAddress: () => Promise<string>
  /** The certificates that a database's own must be signed by, as PEM text. */
  readonly databaseCa: string
  /** An open connection to the server; the same one for as long as it lives. */
  readonly connect: Connect
  readonly sql: OpenSql
  /** What takes something back, should the command be interrupted before what is returned is called. */
  readonly ifInterrupted: (takeBack: () => Promise<unknown>) => () => void
  readonly browse: Browse
  readonly probe: Probe
  /** The files that land on the server, and the schema. */
  readonly project: ProjectSource
}

/** All labs of an account, whoever's they are. */
export interface Account extends Pick<Kit, 'clock' | 'ask' | 'tell'> {
  readonly region: string
  /** The cloud there, as nobody's lab sees it. */
  cloudIn(region: string): Cloud
  /** Takes one lab for this command (not to look only), with its record where that is here; ends in a finding when it is at work. */
  take(lab: LabSeen, onlyLook: boolean): Kit
}

interface Clock {
  now(): number
  sleep(ms: number): Promise<void>
}

export interface Ask {
  /** Without a terminal, or under `--yes`, answers by itself: yes under `--yes`, else wrong usage naming `flag`. */
  confirm(question: string, options: { readonly fallback: boolean; readonly flag: string }): Promise<boolean>
  /** As `confirm`, but the yes is a word that has to be typed. */
  typeBack(question: string, options: { readonly word: string; readonly flag: string }): Promise<boolean>
  /** Waits for Enter between two phases; not at all when nobody is asked. False: the student wants to stop. */
  goOn(question: string): Promise<boolean>
}

/** Where to dial for an address and port of the cloud. */
export type Reach = (address: string, port: number) => Promise<Endpoint>

/** The lab's record, which is on disk before `save` returns. */
export interface RecordKeeper {
  readonly value: LabRecord
  /** Whether it is on disk, from this command or an earlier one. */
  readonly isSaved: boolean
  /** A new record with these fields, saved. */
  save(change: Partial<LabRecord>): void
  /** Where the private key lies. */
  readonly keyFile: string
  readonly knownHostsFile: string
  /** The names of the other labs that have a record here. */
  others(): readonly string[]
  /** Where everything that lies here of the lab lies: its key, its passwords. */
  files(): readonly string[]
  /** Removes all of it but a note that the lab was cleaned up, and what is said of that; what was removed. */
  retire(receipt: CleanupNote): readonly string[]
  /** Keeps what is said of a cleanup that left something, or could not end; where. */
  keepReceipt(receipt: CleanupNote): string
}

/** What a cleanup notes of itself. */
export interface CleanupNote {
  readonly at: string
  readonly deleted: readonly Named[]
  readonly left?: readonly Named[]
  /** What it asked for and, ended by a failure, did not see gone: it is, unless the next one finds it. */
  readonly asked?: readonly Named[]
  /** Kinds that it was not allowed to look at. */
  readonly unseen?: readonly string[]
}

export interface Named {
  readonly kind: string
  readonly id: string
}

export interface KeyMaker {
  /** The public half of the lab's key as one OpenSSH line; the private half is made and saved first if needed. */
  publicKey(): Promise<string>
  /** What lies where the private half should. */
  look(): KeyFile
  /** Takes the rights of others on the private half away. */
  protect(): void
  /** Writes the private half again, so that OpenSSH takes it. */
  rewrite(): void
}

export type KeyFile =
  | { readonly kind: 'missing' | 'folder' | 'empty' | 'closed' | 'locked' }
  | { readonly kind: 'unreadable'; readonly why: string }
  /** With its public half as one OpenSSH line; `oddity`: why OpenSSH does not take it, of the file. */
  | { readonly kind: 'key'; readonly publicKey: string; readonly oddity?: string }

/** How the student's own machine is put right, as commands to type. */
export interface Laptop {
  readonly setClock: readonly Command[]
  readonly renewCredentials: readonly Command[]
  /** As on Windows, where a file's mode says nothing of who may read it. */
  readonly keepsRightsInLists: boolean
}

export interface ConnectOptions {
  readonly server: Server
  /** Public host keys as `type base64`; the connection is refused when the server shows another. `any`: of a server that nobody has noted the keys of. */
  readonly hostKeys: readonly string[] | 'any'
  /** How long to go on trying while the server does not answer. */
  readonly patienceMs: number
}

export type Connect = (options: ConnectOptions) => Promise<Host>

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A server that we can run commands on. */
export interface Host {
  /** Runs a shell command; a code other than 0 is an answer, not an error. A lost connection is an error. */
  run(
    command: string,
    options?: { readonly stdin?: string | Buffer; readonly timeoutMs?: number },
  ): Promise<Ran>
  /** Runs a command with these files as a gzipped tar archive on its stdin. */
  send(files: readonly ProjectFile[], command: string): Promise<Ran>
  /** Joins the command's streams with ours, or opens a shell where there is none; its exit code. */
  attach(command: string | undefined, options: { readonly terminal: boolean }): Promise<number>
  /** A new connection from the server to somewhere else. */
  tunnel(to: Endpoint, timeoutMs: number): Promise<Duplex>
}

export interface ProjectFile {
  readonly path: string
  readonly content: string | Buffer
}

export interface ProjectSource {
  readonly files: readonly ProjectFile[]
  readonly schema: string
}

interface SqlLogin {
  readonly endpoint: Endpoint
  readonly user: string
  readonly password: Secret
  readonly database: string
}

/** Opens a new connection from the server to the database, over verified TLS. */
export type OpenSql = (host: Host, login: SqlLogin) => Promise<Sql>

export type Rows = readonly Readonly<Record<string, unknown>>[]

export interface Sql {
  query(statement: string, values: readonly unknown[]): Promise<Rows>
  /** Why the database would not execute it, in its words; it is prepared only. */
  refusalOf(statement: string): Promise<string | undefined>
  close(): Promise<void>
}

export interface Page {
  readonly status: number
  readonly text: string
}

/** Asks the site as a browser would; `form` makes it a POST. */
export type Browse = (url: string, form?: URLSearchParams | FormData) => Promise<Page>

/** Whether something is there that says a word: by itself, or after `say`. */
export type Probe = (
  to: Endpoint,
  options: { readonly say?: string; readonly forMs: number },
) => Promise<'answers' | 'refused' | 'silent'>

/** AWS, as wide as the lab talks to it. Everything found is this lab's own, by its tag. */
export interface Cloud {
  readonly region: string
  whoAmI(): Promise<Identity>
  /** Whether the credentials end by themselves. */
  areTemporary(): Promise<boolean>
  /** When the credentials end, in ms since 1970; undefined where that is not known, or never. */
  credentialsEnd(): Promise<number | undefined>
  /** How far this machine's clock is behind AWS's, in ms, by the answer to the latest request; 0 before one. */
  readonly clockOffset: number
  /** Ends in a finding when the region does not exist or is not enabled. */
  checkRegion(): Promise<void>
  /** Ends in a finding when the account's plan is over. */
  checkPlan(): Promise<PlanSeen>
  /** Ends in a finding when the account has no room for what is missing; returns what could not be asked, as words. */
  checkQuotas(missing: Missing, plan: PlanSeen): Promise<readonly string[]>
  /** Where the lab can be built; ends in a finding when nowhere. */
  findNetwork(): Promise<Network>
  /** Whether another lab, or a student by hand, has them. */
  areTaken(names: Names): Promise<boolean>

  /** How the VPC is laid out. */
  examineNetwork(vpcId: string): Promise<NetworkSeen>
  /** The id of the internet gateway of a VPC. */
  internetGateway(vpcId: string): Promise<string | undefined>
  /** Whether VPC Block Public Access shuts the region’s internet gateways, in AWS’s words; undefined where it does not tell. */
  blockedAccess(): Promise<'off' | 'block-ingress' | 'block-bidirectional' | undefined>
  /** Any groups by their ids, whoever made them; one that does not exist is left out. */
  examineGroups(ids: readonly string[]): Promise<readonly GroupSeen[]>

  findGroups(vpcId: string): Promise<readonly Group[]>
  /** The new group's id; undefined when the name is taken. */
  createGroup(spec: GroupSpec): Promise<string | undefined>
  addRule(groupId: string, rule: FirewallRule, description: string): Promise<void>
  removeRules(groupId: string, rules: readonly GroupRule[]): Promise<void>

  /** Makes the key pair known under the lab's name for it, unless it is. */
  ensureKeyPair(publicKey: string): Promise<void>
  /** The public half of any pair as one OpenSSH line; undefined where AWS does not tell it. */
  publicKeyOf(keyName: string): Promise<string | undefined>

  /** The lab's server in any state but ending or ended. */
  findServer(): Promise<ServerSeen | undefined>
  /** A server by its id, ended ones too; undefined while AWS does not know it yet. */
  lookAtServer(id: string): Promise<ServerSeen | undefined>
  launchServer(spec: LaunchSpec): Promise<string>
  startServer(id: string): Promise<void>
  setServerGroups(id: string, groupIds: readonly string[]): Promise<void>
  consoleOutput(id: string): Promise<string>
  tagServer(id: string, key: string, value: string): Promise<void>

  findDatabase(): Promise<DatabaseSeen | undefined>
  createDatabase(spec: DatabaseSpec): Promise<void>
  startDatabase(id: string): Promise<void>
  setDatabaseGroups(id: string, groupIds: readonly string[]): Promise<void>
  setMasterPassword(id: string, password: Secret): Promise<void>
  /** Takes away, or gives, the address by which the internet reaches the database. */
  setPublicAccess(id: string, isPublic: boolean): Promise<void>
  /** What AWS noted about the database lately, newest last. */
  databaseEvents(id: string): Promise<readonly string[]>

  /** The ids of labs of that name which are this owner's, for a lab whose record is lost. */
  findLabIds(name: string, owner: string): Promise<readonly string[]>
  /** Everything that carries the lab's tag and still exists, what is being deleted included. */
  listResources(): Promise<readonly Resource[]>
  /** What only a student's own hand can have made beside the lab: Elastic IP addresses, snapshots, kept backups, logs. */
  listUnmanaged(): Promise<ResourceSearch>
  /** Those of the resources that still exist, asked for by their ids. */
  stillExisting(resources: readonly Resource[]): Promise<readonly Resource[]>
  /** What has a name that only this lab gives, with its tags or without. */
  findByName(): Promise<readonly Resource[]>
  /** A server or database that is the lab's by its key pair or subnet group, and has lost the lab's tag. */
  findUntagged(): Promise<readonly Resource[]>
  /** What of the lab a bill has lines for, or would have. */
  takeInventory(): Promise<Inventory>
  /** All labs of the account in the region, whoever's they are. */
  listLabs(): Promise<readonly LabSeen[]>
  /** The regions that the account has enabled. */
  listRegions(): Promise<readonly string[]>
  /** Tags all there is of the lab with the time by which it is to be gone. */
  tagDeadline(expires: string): Promise<void>
  /** Asks for a resource to be deleted; nothing happens when it is gone already. */
  remove(resource: Resource): Promise<Removal>
}

/** What AWS tells of the account's plan, as far as it may be asked. */
export interface PlanSeen {
  /** Of an account that pays nothing: dollars of credits that are left, and its end in ms since 1970. */
  readonly free: { readonly credits: number | undefined; readonly ends: number | undefined } | undefined
  /** What could not be asked, as words. */
  readonly unknown: readonly string[]
}

/** What of a lab is still to be made. */
export interface Missing {
  readonly server: boolean
  readonly database: boolean
}

export type GroupRole = 'web' | 'link' | 'database'

/** A security group, whoever made it. */
export interface GroupSeen {
  readonly id: string
  readonly name: string
  /** What it is for, where it is the lab's own. */
  readonly role?: GroupRole
  readonly rules: readonly GroupRule[]
}

/** One of the lab's own three. */
export interface Group extends GroupSeen {
  readonly role: GroupRole
}

export interface NetworkSeen {
  readonly subnets: readonly (Subnet & { readonly cidr: string })[]
  readonly routeTables: readonly RouteTableSeen[]
  readonly acls: readonly {
    readonly id: string
    readonly subnetIds: readonly string[]
    readonly entries: readonly AclEntry[]
  }[]
}

export interface RouteTableSeen {
  readonly id: string
  readonly isMain: boolean
  readonly subnetIds: readonly string[]
  /** A target that is gone leaves its route behind, as one that is not active. */
  readonly routes: readonly {
    readonly destination: string
    readonly target: string
    readonly isActive: boolean
  }[]
}

export interface GroupRule extends FirewallRule {
  readonly id: string
  readonly description: string
}

export interface GroupSpec {
  readonly role: GroupRole
  readonly name: string
  readonly description: string
  readonly vpcId: string
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

type Subnet = Network['serverSubnets'][number]

export interface DatabaseSeen {
  readonly id: string
  readonly status: string
  readonly endpoint: Endpoint | undefined
  readonly vpcId: string
  readonly groupIds: readonly string[]
  readonly subnetIds: readonly string[]
  readonly zone: string
  readonly isPublic: boolean
  readonly engineVersion: string
  /** Whether AWS bills for a version that is past its support. */
  readonly extendedSupport: boolean
  /** The name of the authority that has signed its certificate. */
  readonly authority: string | undefined
  /** When its certificate ends, in ms since 1970. */
  readonly certificateEnds: number | undefined
}

export interface DatabaseSpec {
  readonly subnetIds: readonly string[]
  readonly groupIds: readonly string[]
  readonly masterPassword: Secret
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
  /** Of what has its id by a name that another may take once it is gone: what no other will ever have. */
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

/** A lab as the cloud tells it: by the tags of what there is of it in one region. */
export interface LabSeen {
  readonly id: string
  readonly name: string
  readonly owner: string
  /** By when it is to be gone, in ms since 1970; undefined for none, and where one can't be read. */
  readonly expiresAt: number | undefined
  /** What stands there as a deadline and is none. */
  readonly unreadableDeadline: string | undefined
  readonly resources: readonly Resource[]
  readonly inventory: Inventory
}

/** `asked`: it is going or gone. `not-yet`: something still needs it, or it is not in a state to be deleted. */
export type Removal =
  | { readonly done: 'asked' }
  | { readonly done: 'not-yet'; readonly why: string; readonly dependents: readonly Dependent[] }

/** What keeps a resource from being deleted. */
export interface Dependent {
  /** The resource with which it ends; undefined: it ends by itself. */
  readonly by: string | undefined
  /** As the student reads it: "the rule sgr-1 of the group default (sg-2), which names it". */
  readonly what: string
  /** Commands that let go of it. */
  readonly run: readonly (Command | string)[]
}
