import { expect, test } from 'vitest'
import {
  allowingRule,
  cidrContains,
  type FirewallRule,
  type Peer,
  parseCidr,
} from '../../src/net/firewall.ts'

const me = { address: '203.0.113.7', groupIds: ['sg-mine'] }

function rule(change: Partial<FirewallRule> = {}): FirewallRule {
  const peer: Peer = { kind: 'cidr', cidr: '0.0.0.0/0' }
  return { direction: 'ingress', protocol: 'tcp', fromPort: 5000, toPort: 5000, peer, ...change }
}

function isAllowed(one: FirewallRule, port = 5000, farEnd = me): boolean {
  return allowingRule([one], 'ingress', port, farEnd) === one
}

test('no rule allows nothing', () => {
  expect(allowingRule([], 'ingress', 22, me)).toBeUndefined()
})

test('a rule holds for its ports, both ends included, and for no other', () => {
  const range = rule({ fromPort: 5000, toPort: 5002 })
  expect([4999, 5000, 5001, 5002, 5003].map((port) => isAllowed(range, port))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
})

test('a rule for every protocol holds for every port, whatever ports it names', () => {
  expect(isAllowed(rule({ protocol: '-1', fromPort: -1, toPort: -1 }), 22)).toBe(true)
  expect(isAllowed(rule({ protocol: '-1', fromPort: 80, toPort: 80 }), 22)).toBe(true)
})

test.each(['udp', 'icmp', 'icmpv6', '17'])('a rule for %s lets no TCP connection pass', (protocol) => {
  expect(isAllowed(rule({ protocol, fromPort: 0, toPort: 65535 }))).toBe(false)
})

test('ingress and egress are looked at apart', () => {
  const out = rule({ direction: 'egress' })
  expect(allowingRule([out], 'ingress', 5000, me)).toBeUndefined()
  expect(allowingRule([out], 'egress', 5000, me)).toBe(out)
})

test('a rule that names a group holds for whoever carries that group, whatever the address', () => {
  const byGroup = rule({ peer: { kind: 'group', groupId: 'sg-mine' } })
  expect(isAllowed(byGroup)).toBe(true)
  expect(isAllowed(byGroup, 5000, { address: me.address, groupIds: ['sg-other'] })).toBe(false)
  expect(isAllowed(byGroup, 5000, { address: me.address, groupIds: [] })).toBe(false)
})

test('a prefix list allows nothing, as its addresses are not known', () => {
  expect(isAllowed(rule({ peer: { kind: 'prefix-list', prefixListId: 'pl-1' } }))).toBe(false)
})

test('the first of several rules that allow is the answer', () => {
  const wrongPort = rule({ fromPort: 22, toPort: 22 })
  const first = rule({ peer: { kind: 'cidr', cidr: '203.0.113.0/24' } })
  expect(allowingRule([wrongPort, first, rule()], 'ingress', 5000, me)).toBe(first)
})

test.each([
  ['0.0.0.0/0', '255.255.255.255', true],
  ['0.0.0.0/0', '0.0.0.0', true],
  ['203.0.113.7/32', '203.0.113.7', true],
  ['203.0.113.7/32', '203.0.113.6', false],
  ['203.0.113.7/32', '203.0.113.8', false],
  ['203.0.113.0/24', '203.0.113.0', true],
  ['203.0.113.0/24', '203.0.113.255', true],
  ['203.0.113.0/24', '203.0.112.255', false],
  ['203.0.113.0/24', '203.0.114.0', false],
  ['203.0.113.7/24', '203.0.113.200', true],
  ['128.0.0.0/1', '255.0.0.0', true],
  ['128.0.0.0/1', '127.255.255.255', false],
  ['255.255.255.255/32', '255.255.255.255', true],
  ['10.0.0.0/31', '10.0.0.1', true],
  ['10.0.0.0/31', '10.0.0.2', false],
  ['::/0', '203.0.113.7', false],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:db8::1', false],
  ['', '203.0.113.7', false],
  ['203.0.113.7', '203.0.113.7', false],
  ['everybody', '203.0.113.7', false],
])('%s contains %s: %s', (cidr, address, expected) => {
  expect(cidrContains(cidr, address)).toBe(expected)
})

test('a block is a network and the length of its prefix', () => {
  expect(parseCidr('0.0.0.0/0')).toEqual({ network: 0, prefix: 0 })
  expect(parseCidr('203.0.113.7/32')).toEqual({ network: 0xcb_00_71_07, prefix: 32 })
})

test.each([
  '',
  '/',
  '1.2.3.4',
  '1.2.3.4/',
  '1.2.3.4/33',
  '1.2.3.4/-1',
  '1.2.3.4/024',
  '1.2.3/24',
  '1.2.3.4.5/24',
  '1.2.3.256/24',
  '01.2.3.4/24',
  '1.2.3.4/24 ',
  '1.2.3.4/24\n',
  ' 1.2.3.4/24',
  '1..3.4/24',
  '0x1.2.3.4/24',
  '2001:db8::/32',
  '::ffff:1.2.3.4/128',
])('%j is no block', (text) => {
  expect(parseCidr(text)).toBeUndefined()
})
