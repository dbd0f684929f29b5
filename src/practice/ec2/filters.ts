import type { Filter } from '@aws-sdk/client-ec2'
import type { Tags } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'

type Values = string | boolean | number | undefined | readonly (string | undefined)[]

/** For each filter of a resource, the values that it compares. */
export type Fields<Resource> = Readonly<Record<string, (resource: Resource) => Values>>

/** The resources that every filter matches in at least one of its values. */
export function select<Resource>(
  resources: readonly Resource[],
  filters: readonly Filter[] = [],
  fields: Fields<Resource>,
  tagsOf?: (resource: Resource) => Tags,
): Resource[] {
  const tests = filters.map((filter) => testOf(filter, fields, tagsOf))
  return resources.filter((resource) => tests.every((test) => test(resource)))
}

function testOf<Resource>(
  { Name: name = 'null', Values: patterns }: Filter,
  fields: Fields<Resource>,
  tagsOf: ((resource: Resource) => Tags) | undefined,
): (resource: Resource) => boolean {
  const valuesOf = fieldNamed(name, fields, tagsOf)
  if (valuesOf === undefined) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`)
  if (patterns === undefined || patterns.length === 0) {
    throw new AwsError('InvalidParameterValue', `The filter '${name}' has no values`)
  }
  if (patterns.length > 200) {
    throw new AwsError(
      'FilterLimitExceeded',
      'The maximum number of filter values specified on a single call is 200',
    )
  }
  const matchers = patterns.map(wildcard)
  return (resource) =>
    [valuesOf(resource)]
      .flat()
      .some((value) => value !== undefined && matchers.some((matcher) => matcher.test(String(value))))
}

function fieldNamed<Resource>(
  name: string,
  fields: Fields<Resource>,
  tagsOf: ((resource: Resource) => Tags) | undefined,
): ((resource: Resource) => Values) | undefined {
  if (tagsOf !== undefined && name === 'tag-key') return (resource) => Object.keys(tagsOf(resource))
  if (tagsOf !== undefined && name.startsWith('tag:')) {
    return (resource) => own(tagsOf(resource), name.slice('tag:'.length))
  }
  return own(fields, name)
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** `*` stands for any characters and `?` for one, unless a backslash stands before it. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\[*?\\]|[\s\S]/g, (token) => {
    if (token === '*') return '[\\s\\S]*'
    if (token === '?') return '[\\s\\S]'
    const literal = token.length === 2 ? token.charAt(1) : token
    return literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  })
  return new RegExp(`^${source}$`)
}
