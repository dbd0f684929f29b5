import { cidrContains, parseCidr } from '../../net/firewall.ts'
import type { CloudState, RegionState, Subnet } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'

const PUBLIC_NETWORK = '198.51.100.'
/** All addresses that servers are given. */
export const SERVERS = `${PUBLIC_NETWORK}0/24`
const PUBLIC_HOSTS = 254
const RESERVED_AT_START = 4

/** The private addresses in use in a subnet. */
export function takenAddresses(region: RegionState, subnet: Subnet): string[] {
  const instances = region.instances.filter(({ state }) => state !== 'terminated')
  return [...instances, ...region.databases]
    .filter(({ vpcId }) => vpcId === subnet.vpcId)
    .map(({ privateAddress }) => privateAddress)
    .filter((address) => cidrContains(subnet.cidr, address))
}

export function freePrivateAddress(region: RegionState, subnet: Subnet): string {
  const block = parseCidr(subnet.cidr)
  const taken = new Set(takenAddresses(region, subnet))
  const hosts = block === undefined ? 0 : 2 ** (32 - block.prefix)
  for (let host = RESERVED_AT_START; host < hosts - 1; host += 1) {
    const address = addressOf((block?.network ?? 0) + host)
    if (!taken.has(address)) return address
  }
  const text = `There are not enough free addresses in subnet '${subnet.id}' to satisfy the requested number of instances.`
  throw new AwsError('InsufficientFreeAddressesInSubnet', text)
}

/** Addresses are given out in turn, so that a server that was stopped comes back under another one, as on AWS. */
export function freePublicAddress(state: CloudState): string {
  const instances = Object.values(state.regions).flatMap((region) => region.instances)
  const taken = new Set(instances.map(({ publicAddress }) => publicAddress))
  for (let tries = 0; tries < PUBLIC_HOSTS; tries += 1) {
    const given = state.publicAddressesGiven ?? 0
    state.publicAddressesGiven = given + 1
    const address = `${PUBLIC_NETWORK}${((given + 16) % PUBLIC_HOSTS) + 1}`
    if (!taken.has(address)) return address
  }
  throw new AwsError('InsufficientAddressCapacity', 'Not enough available addresses to satisfy the request.')
}

function addressOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}
