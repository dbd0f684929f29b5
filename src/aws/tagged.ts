import type { Resource, ResourceKind } from '../lab/ports/resources.ts'
import type { LooseTag } from './tags.ts'

/** A resource, and the tags by which it is somebody's. */
export interface Tagged {
  readonly resource: Resource
  readonly tags: readonly LooseTag[]
}

interface Told {
  readonly state?: string | undefined
  readonly madeAt?: Date | undefined
}

export function resource(kind: ResourceKind, id = '', name = '', { state, madeAt }: Told = {}): Resource {
  return {
    kind,
    id,
    name,
    ...(state === undefined ? {} : { state }),
    ...(madeAt === undefined ? {} : { madeAt: madeAt.getTime() }),
  }
}
