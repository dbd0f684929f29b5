import type { Tag, TagSpecification } from '@aws-sdk/client-ec2'
import type { Tags } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'

const MOST_TAGS = 50

export function tagListOf(tags: Tags): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ Key: key, Value: value }))
}

export function tagsFrom(list: readonly Tag[] | undefined): Tags {
  const entries = (list ?? []).map(({ Key: key = '', Value: value = '' }): [string, string] => {
    refuseBadTag(key, value)
    return [key, value]
  })
  const tags = Object.fromEntries(entries)
  if (Object.keys(tags).length < entries.length) {
    throw new AwsError('InvalidParameterValue', 'Duplicate tag keys are not allowed')
  }
  refuseTooManyTags(tags)
  return tags
}

/** The tags that a creating request gives to each type of resource that it may create. */
export function tagsByType<Type extends string>(
  specifications: readonly TagSpecification[] | undefined,
  types: readonly Type[],
): Record<Type, Tags> {
  const given = new Map<string, Tags>()
  for (const { ResourceType: type = '', Tags: tags } of specifications ?? []) {
    if (!types.some((known) => known === type)) {
      const text = `'${type}' is not a valid taggable resource type for this operation.`
      throw new AwsError('InvalidParameterValue', text)
    }
    if (given.has(type)) {
      throw new AwsError('InvalidParameterValue', `Duplicate resource type '${type}' in TagSpecifications`)
    }
    given.set(type, tagsFrom(tags))
  }
  const entries = types.map((type) => [type, given.get(type) ?? {}])
  // fromEntries can't tell that every type got its entry.
  return Object.fromEntries(entries) as Record<Type, Tags>
}

export function refuseTooManyTags(tags: Tags): void {
  if (Object.keys(tags).length <= MOST_TAGS) return
  throw new AwsError('TagLimitExceeded', `The maximum number of Tags for a resource has been reached.`)
}

function refuseBadTag(key: string, value: string): void {
  if (key === '') throw new AwsError('InvalidParameterValue', 'Tag key cannot be empty')
  if (/^aws:/i.test(key)) {
    const text = `Tag keys starting with 'aws:' are reserved for internal use`
    throw new AwsError('InvalidParameterValue', text)
  }
  if (key.length > 128) {
    throw new AwsError('InvalidParameterValue', `Tag key exceeds the maximum length of 128 characters`)
  }
  if (value.length > 256) {
    throw new AwsError('InvalidParameterValue', `Tag value exceeds the maximum length of 256 characters`)
  }
}
