import type {
  CreateNetworkAclEntryRequest,
  DeleteNetworkAclEntryRequest,
  ReplaceNetworkAclEntryRequest,
} from '@aws-sdk/client-ec2'
import type { AclEntry } from '../../net/firewall.ts'
import type { NetworkAcl } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { refuseUnsupported } from '../wire/unsupported.ts'
import { canonicalCidr } from './cidr.ts'
import { withId } from './ids.ts'

const MOST_ENTRIES = 20
/** AWS's own last entry has the next number, and can't be touched. */
const LAST_NUMBER = 32_766

const supported = [
  'CidrBlock',
  'DryRun',
  'Egress',
  'NetworkAclId',
  'PortRange',
  'Protocol',
  'RuleAction',
  'RuleNumber',
]

export function createNetworkAclEntry(input: CreateNetworkAclEntryRequest, { region }: Call): void {
  const acl = withId(region.networkAcls, input.NetworkAclId, 'networkAcl')
  const entry = entryOf(input)
  if (find(acl, entry) !== undefined) {
    const text = `The network acl entry identified by ${entry.number} already exists.`
    throw new AwsError('NetworkAclEntryAlreadyExists', text)
  }
  const own = acl.entries.filter(({ egress, number }) => egress === entry.egress && number <= LAST_NUMBER)
  if (own.length >= MOST_ENTRIES) {
    const text = `The maximum number of entries (${MOST_ENTRIES}) has been reached for the network ACL.`
    throw new AwsError('NetworkAclEntryLimitExceeded', text)
  }
  acl.entries = inOrder([...acl.entries, entry])
}

export function replaceNetworkAclEntry(input: ReplaceNetworkAclEntryRequest, { region }: Call): void {
  const acl = withId(region.networkAcls, input.NetworkAclId, 'networkAcl')
  const entry = entryOf(input)
  const present = existing(acl, entry)
  acl.entries = inOrder([...acl.entries.filter((each) => each !== present), entry])
}

export function deleteNetworkAclEntry(input: DeleteNetworkAclEntryRequest, { region }: Call): void {
  const acl = withId(region.networkAcls, input.NetworkAclId, 'networkAcl')
  const present = existing(acl, { number: numberOf(input.RuleNumber), egress: input.Egress === true })
  acl.entries = acl.entries.filter((each) => each !== present)
}

type Place = Pick<AclEntry, 'number' | 'egress'>

function find(acl: NetworkAcl, { number, egress }: Place): AclEntry | undefined {
  return acl.entries.find((each) => each.number === number && each.egress === egress)
}

function existing(acl: NetworkAcl, place: Place): AclEntry {
  const entry = find(acl, place)
  if (entry !== undefined) return entry
  const side = place.egress ? 'egress' : 'ingress'
  const text = `The network acl entry identified by ${place.number} (${side}) does not exist in ${acl.id}.`
  throw new AwsError('InvalidNetworkAclEntry.NotFound', text)
}

function entryOf(input: CreateNetworkAclEntryRequest): AclEntry {
  refuseUnsupported(input, supported)
  const protocol = protocolNumber(input.Protocol ?? '')
  return {
    number: numberOf(input.RuleNumber),
    egress: input.Egress === true,
    protocol,
    allow: actionOf(input.RuleAction) === 'allow',
    cidr: canonicalCidr(input.CidrBlock ?? ''),
    ...portsOf(input, protocol),
  }
}

function numberOf(number: number | undefined): number {
  if (number !== undefined && Number.isInteger(number) && number >= 1 && number <= LAST_NUMBER) return number
  throw invalid(number, 'ruleNumber', `It must be between 1 and ${LAST_NUMBER}.`)
}

/** AWS keeps numbers, and takes these three by name, too. */
const numbers: Readonly<Record<string, string>> = { all: '-1', icmp: '1', tcp: '6', udp: '17' }

function protocolNumber(protocol: string): string {
  const number = numbers[protocol] ?? protocol
  if (number === '-1' || (/^\d{1,3}$/.test(number) && Number(number) <= 255)) return number
  throw invalid(protocol, 'protocol', 'It must be a protocol number, or -1 for all.')
}

function actionOf(action: string | undefined): string {
  if (action === 'allow' || action === 'deny') return action
  throw invalid(action, 'ruleAction', 'It must be allow or deny.')
}

function portsOf(
  { PortRange: { From: from, To: to } = {} }: CreateNetworkAclEntryRequest,
  protocol: string,
): Pick<AclEntry, 'fromPort' | 'toPort'> {
  if (protocol !== '6' && protocol !== '17') return {}
  if (from === undefined || to === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter portRange')
  }
  if (from < 0 || to > 65_535 || from > to)
    throw invalid(`${from}-${to}`, 'portRange', 'It is no port range.')
  return { fromPort: from, toPort: to }
}

function invalid(value: unknown, name: string, why: string): AwsError {
  return new AwsError('InvalidParameterValue', `Value (${value}) for parameter ${name} is invalid. ${why}`)
}

/** As DescribeNetworkAcls lists them: outbound first, by number. */
function inOrder(entries: readonly AclEntry[]): AclEntry[] {
  return entries.toSorted(
    (one, other) => Number(other.egress) - Number(one.egress) || one.number - other.number,
  )
}
