import type { Event } from '../events.ts'
import type { Judge } from '../exercise.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Cloud } from './cloud.ts'
import type { Browse, Connect, OpenSql, Probe, ProjectSource, Reach } from './host.ts'
import type { LabSeen } from './labs.ts'
import type { KeyMaker, Laptop } from './laptop.ts'
import type { RecordKeeper } from './record.ts'

/** All that the phases and commands may ask of the world. Adapters implement it; world.ts puts it together. */
export interface Kit {
  readonly cloud: Cloud
  readonly snapshot: Snapshot
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
  /** Calls `takeBack` if the command is interrupted before the returned function is called. */
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
  /** The exercise that is set in a lab that was taken. */
  exerciseIn(kit: Kit): Promise<Judge>
}

export interface Clock {
  now(): number
  /** Ends early when the signal says so. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface Ask {
  /** Without a terminal, or under `--yes`, answers by itself: yes under `--yes`, else wrong usage naming `flag`. */
  confirm(question: string, options: { readonly fallback: boolean; readonly flag: string }): Promise<boolean>
  /** As `confirm`, but the yes is a word that has to be typed. */
  typeBack(question: string, options: { readonly word: string; readonly flag: string }): Promise<boolean>
  /** Waits for Enter between two phases; not at all when nobody is asked. False: the student wants to stop. */
  goOn(question: string): Promise<boolean>
}
