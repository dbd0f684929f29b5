import { BlockList, isIPv4 } from 'node:net'

const NOT_THE_INTERNET = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  // Multicast, and all that is reserved above it.
  ['224.0.0.0', 3],
] as const)
  NOT_THE_INTERNET.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  // Unspecified, loopback, and IPv4 in other clothes; a mapped address (::ffff:…) is judged as the one that it maps.
  ['::', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  NOT_THE_INTERNET.addSubnet(network, prefix, 'ipv6')

/** Whether an address is one of the internet: no loopback, private or link-local one, and none that only stands for one. */
export function isOnInternet(address: string): boolean {
  return !NOT_THE_INTERNET.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}
