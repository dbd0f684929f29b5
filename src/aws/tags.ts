import { cleanTagValue, isLabId, TAG_EXPIRES, TAG_LAB, TAG_LAB_NAME, TAG_OWNER } from '../lab/names.ts'

export interface Tag {
  readonly Key: string
  readonly Value: string
}

/** The lab's tags; read anew for each request, since a lab learns its owner on the way. */
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

/** As EC2 takes it. */
export interface Filter {
  readonly Name: string
  readonly Values: string[]
}

/** Whether it is the lab's. */
export function isOfLab(tags: readonly LooseTag[] | undefined, id: string): boolean {
  return tagValue(tags, TAG_LAB) === id
}

/** The id of the lab that it is of: what is none makes nobody's lab. */
export function labOf(tags: readonly LooseTag[] | undefined): string | undefined {
  const id = tagValue(tags, TAG_LAB)
  return isLabId(id) ? id : undefined
}

/** Whether it answers to the filters about tags to the letter: for EC2, * and ? in them stand for others. */
export function carries(tags: readonly LooseTag[] | undefined, filters: readonly Filter[]): boolean {
  return filters
    .filter(({ Name }) => Name.startsWith('tag:'))
    .every(({ Name, Values }) => Values.includes(tagValue(tags, Name.slice('tag:'.length)) ?? ''))
}

/** EC2's filter for the resources with this lab's tag. */
export function ofLab(id: string): Filter {
  return { Name: `tag:${TAG_LAB}`, Values: [id] }
}
