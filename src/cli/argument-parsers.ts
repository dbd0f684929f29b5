import { existsSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import { isLabId } from '../lab/names.ts'
import { parseCidr } from '../net/firewall.ts'
import { isLaptopAddress } from '../world/laptop-address.ts'

// Each reads a text that was typed behind a flag, and refuses it with a hint where it can’t be right.

export function cidr(text: string): string {
  const block = parseCidr(text.includes('/') ? text : `${text}/32`)
  if (block === undefined)
    throw new InvalidArgumentError('Write an IPv4 address or block, such as 203.0.113.0/24.')
  return text.includes('/') ? text : `${text}/32`
}

/** Goes into host names and into what a shell evaluates. */
export function region(text: string): string {
  if (!/^[a-z0-9-]{1,30}$/.test(text)) throw new InvalidArgumentError('Write it as AWS does: us-east-1.')
  return text
}

export function instanceId(text: string): string {
  if (!/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(text))
    throw new InvalidArgumentError('Write it as EC2 does: i-0123456789abcdef0.')
  return text
}

/** RDS writes them in small letters, however they were typed. */
export function databaseName(text: string): string {
  if (text.length > 63 || !/^[a-z](?:-?[a-z0-9])*$/i.test(text))
    throw new InvalidArgumentError('Write it as RDS does: letters, digits and single hyphens.')
  return text.toLowerCase()
}

export function existingFile(path: string): string {
  if (!existsSync(path)) throw new InvalidArgumentError('There is no such file.')
  return path
}

/** A lab's id, as its tag flasklab:lab holds it. */
export function labId(text: string): string {
  if (!isLabId(text)) throw new InvalidArgumentError('Write the ten digits of its tag.')
  return text
}

/** In ms. */
export function duration(text: string): number {
  const [, amount, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? []
  const minutes = { m: 1, h: 60, d: 1440 }[unit ?? '']
  if (minutes === undefined) throw new InvalidArgumentError('Write minutes, hours or days: 90m, 4h, 2d.')
  return Number(amount) * minutes * 60_000
}

export function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Write a whole number above 0.')
  return Number(text)
}

/** As the internet sees a laptop. */
export function laptopAddress(text: string): string {
  if (parseCidr(`${text}/32`) === undefined) throw new InvalidArgumentError('Write an IPv4 address.')
  if (!isLaptopAddress(text))
    throw new InvalidArgumentError(
      'Write one by which a laptop is seen on the internet, such as 203.0.113.99: none of a private network, nor one of the servers’.',
    )
  return text
}
