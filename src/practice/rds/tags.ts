import type {
  AddTagsToResourceMessage,
  ListTagsForResourceMessage,
  RemoveTagsFromResourceMessage,
  Tag,
  TagListMessage,
} from '@aws-sdk/client-rds'
import type { Database, DatabaseSubnetGroup, Tags } from '../state.ts'
import type { Call } from '../wire/operation.ts'
import { databaseArn, subnetGroupArn } from './arns.ts'
import { databaseNotFound, invalidValue, subnetGroupNotFound } from './faults.ts'

const MOST_TAGS = 50

export function tagListOf(tags: Tags): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ Key: key, Value: value }))
}

export function tagsFrom(list: readonly Tag[] | undefined): Tags {
  const tags = Object.fromEntries(
    (list ?? []).map(({ Key: key = '', Value: value = '' }): [string, string] => {
      refuseBadTag(key, value)
      return [key, value]
    }),
  )
  refuseTooMany(tags)
  return tags
}

function refuseBadTag(key: string, value: string): void {
  if (key === '' || key.length > 128) {
    throw invalidValue('Tag keys must have between 1 and 128 characters.')
  }
  if (value.length > 256) throw invalidValue('Tag values must have at most 256 characters.')
  if (/^(aws|rds):/i.test(key)) throw invalidValue('Tag keys must not begin with aws: or rds:.')
  const wrong = [key, value].find((text) => !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text))
  if (wrong === undefined) return
  throw invalidValue(
    `The tag key or value '${wrong}' is not valid: it can hold letters, digits, white space and '_', '.', ':', '/', '=', '+', '-', '@'.`,
  )
}

function refuseTooMany(tags: Tags): void {
  if (Object.keys(tags).length > MOST_TAGS)
    throw invalidValue(`A resource can have at most ${MOST_TAGS} tags.`)
}

export function addTagsToResource(input: AddTagsToResourceMessage, call: Call): void {
  const resource = resourceNamed(input.ResourceName, call)
  const tags = { ...resource.tags, ...tagsFrom(input.Tags) }
  refuseTooMany(tags)
  resource.tags = tags
}

export function listTagsForResource(input: ListTagsForResourceMessage, call: Call): TagListMessage {
  return { TagList: tagListOf(resourceNamed(input.ResourceName, call).tags) }
}

export function removeTagsFromResource(input: RemoveTagsFromResourceMessage, call: Call): void {
  const resource = resourceNamed(input.ResourceName, call)
  const removed = input.TagKeys ?? []
  const kept = Object.entries(resource.tags).filter(([key]) => !removed.includes(key))
  resource.tags = Object.fromEntries(kept)
}

function resourceNamed(arn = '', call: Call): Database | DatabaseSubnetGroup {
  const { databases, subnetGroups } = call.region
  const database = databases.find((candidate) => databaseArn(candidate, call) === arn)
  const found = database ?? subnetGroups.find((candidate) => subnetGroupArn(candidate, call) === arn)
  if (found !== undefined) return found
  const [, , service, region, account, kind, name = ''] = arn.split(':')
  const here = service === 'rds' && region === call.regionName && account === call.cloud.state.account
  if (here && kind === 'db') throw databaseNotFound(name)
  if (here && kind === 'subgrp') throw subnetGroupNotFound(name)
  throw invalidValue(`The specified resource name does not match an RDS resource in this region.`)
}
