import { isIPv6 } from 'node:net'
import { parseCidr } from '../../net/firewall.ts'
import { AwsError } from '../wire/aws-error.ts'

/** A block as AWS keeps it, with the bits of the host cleared: `203.0.113.7/24` is `203.0.113.0/24`. */
export function canonicalCidr(text: string): string {
  const block = parseCidr(text)
  if (block === undefined) throw malformed(text)
  const size = 2 ** (32 - block.prefix)
  const network = Math.floor(block.network / size) * size
  const bytes = [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256)
  return `${bytes.join('.')}/${block.prefix}`
}

/** The block in its short form, with its host bits cleared; throws EC2's refusal of anything else. */
export function canonicalIpv6Cidr(text: string): string {
  const [address = '', length = ''] = text.split('/')
  const prefix = Number(length)
  if (!isIPv6(address) || !/^[0-9]{1,3}$/.test(length) || prefix > 128) throw malformed(text)
  const hostBits = BigInt(128 - prefix)
  const network = (numberOf(address) >> hostBits) << hostBits
  const groups = network.toString(16).padStart(32, '0').match(/.{4}/g) ?? []
  // The URL parser writes IPv6 addresses in their short form.
  return `${new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)}/${prefix}`
}

function numberOf(address: string): bigint {
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = short.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = Array<string>(8 - before.length - after.length).fill('0')
  const groups = [...before, ...(tail === undefined ? [] : gap), ...after]
  return BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`)
}

function malformed(text: string): AwsError {
  return new AwsError('InvalidParameterValue', `CIDR block ${text} is malformed`)
}
