/**
 * Security group rules and network ACLs as both sides of the program read them: the doctor reasons with these functions
 * about the student's network, and a cloud that stands in for AWS decides with them who may connect.
 */

export type Direction = 'ingress' | 'egress'

export type Peer =
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'group'; readonly groupId: string }
  | { readonly kind: 'prefix-list'; readonly prefixListId: string }

export interface FirewallRule {
  readonly direction: Direction
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for every protocol (ports then mean nothing). */
  readonly protocol: string
  readonly fromPort: number
  readonly toPort: number
  readonly peer: Peer
}

/** Who stands at the far end of a TCP connection: an address and the groups attached to it. */
export interface FarEnd {
  readonly address: string
  readonly groupIds: readonly string[]
}

/** The first rule that lets a TCP connection on `port` pass, or undefined: security groups only ever allow. */
export function allowingRule<Rule extends FirewallRule>(
  rules: readonly Rule[],
  direction: Direction,
  port: number,
  farEnd: FarEnd,
): Rule | undefined {
  return rules.find(
    (rule) => rule.direction === direction && coversPort(rule, port) && coversPeer(rule.peer, farEnd),
  )
}

export function coversPort(rule: FirewallRule, port: number): boolean {
  if (rule.protocol === '-1') return true
  return rule.protocol === 'tcp' && rule.fromPort <= port && port <= rule.toPort
}

function coversPeer(peer: Peer, farEnd: FarEnd): boolean {
  if (peer.kind === 'group') return farEnd.groupIds.includes(peer.groupId)
  return peer.kind === 'cidr' && cidrContains(peer.cidr, farEnd.address)
}

/** One line of a network ACL. */
export interface AclEntry {
  readonly number: number
  readonly egress: boolean
  /** A protocol number or name, or `-1` for every protocol. */
  readonly protocol: string
  readonly allow: boolean
  readonly cidr: string
  /** Absent where the protocol has no ports, or all are meant. */
  readonly fromPort?: number
  readonly toPort?: number
}

/** Replies go to a port that the client's system chose; this one stands for all of them. */
export const REPLY_PORT = 50_000

/**
 * The entry that decides about a TCP packet: the matching one with the lowest number. Where none matches, the
 * packet is dropped.
 */
export function decidingEntry<Entry extends AclEntry>(
  entries: readonly Entry[],
  egress: boolean,
  port: number,
  address: string,
): Entry | undefined {
  return entries
    .filter((entry) => entry.egress === egress && entryCovers(entry, port, address))
    .sort((one, other) => one.number - other.number)[0]
}

function entryCovers(entry: AclEntry, port: number, address: string): boolean {
  if (!cidrContains(entry.cidr, address)) return false
  if (entry.protocol === '-1') return true
  const isTcp = entry.protocol === '6' || entry.protocol === 'tcp'
  return isTcp && (entry.fromPort ?? 0) <= port && port <= (entry.toPort ?? 65_535)
}

/** Whether an IPv4 address lies in a block; false for IPv6 blocks and for anything that is not a block. */
export function cidrContains(cidr: string, address: string): boolean {
  const block = parseCidr(cidr)
  const number = parseIpv4(address)
  if (block === undefined || number === undefined) return false
  const size = 2 ** (32 - block.prefix)
  return Math.floor(number / size) === Math.floor(block.network / size)
}

/** An IPv4 block such as `203.0.113.7/32`, or undefined where the text is none. */
export function parseCidr(cidr: string): { network: number; prefix: number } | undefined {
  const match = /^([0-9.]+)\/([0-9]{1,2})$/.exec(cidr)
  const network = match?.[1] === undefined ? undefined : parseIpv4(match[1])
  const prefix = Number(match?.[2])
  if (network === undefined || !(prefix <= 32)) return undefined
  return { network, prefix }
}

export function isIpv4(text: string): boolean {
  return parseIpv4(text) !== undefined
}

/** An IPv4 address as a number, or undefined where the text is none. */
function parseIpv4(address: string): number | undefined {
  const parts = address.split('.')
  if (parts.length !== 4) return undefined
  let number = 0
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    number = number * 256 + Number(part)
  }
  return number
}
