import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  ResourceType,
  TagDescription,
} from '@aws-sdk/client-ec2'
import type { RegionState, Tags } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { type Fields, select } from './filters.ts'
import { type KindName, kinds, withId } from './ids.ts'
import { pageOf } from './paging.ts'
import { refuseTooManyTags, tagsFrom } from './tag-lists.ts'

/** Something with tags, found by its id. */
interface Tagged {
  readonly id: string
  readonly type: ResourceType
  readonly tags: Tags
  replace(tags: Tags): void
}

function taggedIn(region: RegionState): Tagged[] {
  const tagged = (type: ResourceType) => (resource: { readonly id: string; tags: Tags }) => ({
    id: resource.id,
    type,
    tags: resource.tags,
    replace: (tags: Tags) => {
      resource.tags = tags
    },
  })
  // A network interface ends with its instance; the instance's own tags stay for about an hour.
  const alive = region.instances.filter((instance) => instance.state !== 'terminated')
  const interfaces = alive.map((instance) => ({
    id: instance.interfaceId,
    type: 'network-interface' as const,
    tags: instance.interfaceTags,
    replace: (tags: Tags) => {
      instance.interfaceTags = tags
    },
  }))
  return [
    ...region.instances.map(tagged('instance')),
    ...interfaces,
    ...region.volumes.map(tagged('volume')),
    ...region.groups.map(tagged('security-group')),
    ...region.groups.flatMap(({ rules }) => rules).map(tagged('security-group-rule')),
    ...region.keyPairs.map(tagged('key-pair')),
    ...region.vpcs.map(tagged('vpc')),
    ...region.subnets.map(tagged('subnet')),
    ...region.routeTables.map(tagged('route-table')),
    ...region.internetGateways.map(tagged('internet-gateway')),
    ...region.networkAcls.map(tagged('network-acl')),
  ]
}

export function createTags(input: CreateTagsRequest, { region }: Call): void {
  const given = tagsFrom(input.Tags)
  const resources = meant(input.Resources, region)
  const merged = resources.map((resource) => ({ resource, tags: { ...resource.tags, ...given } }))
  for (const { tags } of merged) refuseTooManyTags(tags)
  for (const { resource, tags } of merged) resource.replace(tags)
}

/** A tag given with a value is removed only where it has that value; without tags all of them go. */
export function deleteTags(input: DeleteTagsRequest, { region }: Call): void {
  for (const resource of meant(input.Resources, region)) {
    const kept = Object.entries(resource.tags).filter(([key, value]) => {
      if (input.Tags === undefined) return false
      return !input.Tags.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value))
    })
    resource.replace(Object.fromEntries(kept))
  }
}

function meant(ids: readonly string[] = [], region: RegionState): Tagged[] {
  if (ids.length === 0)
    throw new AwsError('MissingParameter', 'The request must contain the parameter resourceIdSet')
  const all = taggedIn(region)
  return ids.map((id) => withId(all, id, kindOf(id)))
}

function kindOf(id: string): KindName {
  const prefix = id.slice(0, id.lastIndexOf('-'))
  const names = Object.keys(kinds) as KindName[]
  const kind = names.find((name) => kinds[name].prefix === prefix)
  if (kind !== undefined) return kind
  throw new AwsError('InvalidID', `The ID '${id}' is not valid`)
}

export function describeTags(input: DescribeTagsRequest, { region }: Call): DescribeTagsResult {
  const all = taggedIn(region).flatMap(({ id, type, tags }) =>
    Object.entries(tags).map(
      ([key, value]): TagDescription => ({ ResourceId: id, ResourceType: type, Key: key, Value: value }),
    ),
  )
  const { items, nextToken } = pageOf(select(all, input.Filters, fields, tagOf), input)
  return { Tags: items, NextToken: nextToken }
}

const fields: Fields<TagDescription> = {
  key: (tag) => tag.Key,
  'resource-id': (tag) => tag.ResourceId,
  'resource-type': (tag) => tag.ResourceType,
  value: (tag) => tag.Value,
}

function tagOf({ Key: key = '', Value: value = '' }: TagDescription): Tags {
  return { [key]: value }
}
