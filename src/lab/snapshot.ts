import type { Cloud } from './ports/cloud.ts'
import type { Look } from './ports/look.ts'

/** The lab as the command has seen it: each thing is asked of the cloud once, however many need it. */
export interface Snapshot {
  readonly seen: Look
  /** For whoever has made or changed something: what is asked from now on is looked at anew. */
  forget(): void
}

/** Keeps one look at the cloud until it is forgotten. */
export function createSnapshot(cloud: Pick<Cloud, 'look'>): Snapshot {
  let seen = cloud.look()
  return {
    get seen() {
      return seen
    },
    forget() {
      seen = cloud.look()
    },
  }
}
