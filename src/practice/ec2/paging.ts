import { AwsError } from '../wire/aws-error.ts'

interface PageRequest {
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

export interface Page<Item> {
  readonly items: Item[]
  readonly nextToken: string | undefined
}

/** One page of a list. `least` and `most` are what the operation accepts as MaxResults. */
export function pageOf<Item>(all: readonly Item[], request: PageRequest, least = 5, most = 1000): Page<Item> {
  const { MaxResults: size, NextToken: token } = request
  if (size !== undefined && !(size >= least && size <= most)) {
    // As AWS words it, though the least is accepted too.
    const expected = size < least ? `greater than ${least}` : `between ${least} and ${most}`
    const text = `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value ${expected}.`
    throw new AwsError('InvalidParameterValue', text)
  }
  const start = token === undefined ? 0 : startOf(token)
  const end = size === undefined ? all.length : Math.min(start + size, all.length)
  return { items: all.slice(start, end), nextToken: end < all.length ? tokenOf(end) : undefined }
}

function tokenOf(start: number): string {
  return Buffer.from(`from:${start}`).toString('base64')
}

function startOf(token: string): number {
  const match = /^from:([0-9]{1,9})$/.exec(Buffer.from(token, 'base64').toString())
  if (match === null) {
    throw new AwsError('InvalidParameterValue', `Value ( ${token} ) for parameter NextToken is invalid.`)
  }
  return Number(match[1])
}
