import { cleanTagValue, TAG_EXPIRES, TAG_LAB, TAG_LAB_NAME, TAG_OWNER } from '../lab/names.ts'

export interface Tag {
  readonly Key: string
  readonly Value: string
}

/** Whose resources these are; read anew for each request, since a lab learns its owner on the way. */
export interface LabTags {
  readonly id: string
  readonly name: string
  readonly owner: string
  /** By when it is to be gone, if that was said. */
  readonly expires?: string | undefined
}

export function tagsFor(lab: LabTags, more: Readonly<Record<string, string>>): Tag[] {
  return Object.entries({
    ...more,
    [TAG_LAB]: lab.id,
    [TAG_LAB_NAME]: lab.name,
    [TAG_OWNER]: lab.owner,
    ...(lab.expires === undefined ? {} : { [TAG_EXPIRES]: lab.expires }),
  }).map(([Key, value]) => ({ Key, Value: cleanTagValue(value) }))
}

export interface LooseTag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

export function tagValue(tags: readonly LooseTag[] | undefined, key: string): string | undefined {
  return tags?.find((tag) => tag.Key === key)?.Value
}

export function ofLab(id: string): { Name: string; Values: string[] } {
  return { Name: `tag:${TAG_LAB}`, Values: [id] }
}
