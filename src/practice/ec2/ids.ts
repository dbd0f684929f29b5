import { AwsError } from '../wire/aws-error.ts'

interface Kind {
  readonly prefix: string
  readonly malformed: string
  readonly notFound: string
  /** How AWS names the thing in "The … ID 'x' does not exist". */
  readonly noun: string
}

export const kinds = {
  instance: {
    prefix: 'i',
    malformed: 'InvalidInstanceID.Malformed',
    notFound: 'InvalidInstanceID.NotFound',
    noun: 'instance',
  },
  image: {
    prefix: 'ami',
    malformed: 'InvalidAMIID.Malformed',
    notFound: 'InvalidAMIID.NotFound',
    noun: 'image',
  },
  volume: {
    prefix: 'vol',
    malformed: 'InvalidParameterValue',
    notFound: 'InvalidVolume.NotFound',
    noun: 'volume',
  },
  vpc: { prefix: 'vpc', malformed: 'InvalidVpcID.Malformed', notFound: 'InvalidVpcID.NotFound', noun: 'vpc' },
  subnet: {
    prefix: 'subnet',
    malformed: 'InvalidSubnetID.Malformed',
    notFound: 'InvalidSubnetID.NotFound',
    noun: 'subnet',
  },
  routeTable: {
    prefix: 'rtb',
    malformed: 'InvalidRouteTableId.Malformed',
    notFound: 'InvalidRouteTableID.NotFound',
    noun: 'routeTable',
  },
  internetGateway: {
    prefix: 'igw',
    malformed: 'InvalidInternetGatewayId.Malformed',
    notFound: 'InvalidInternetGatewayID.NotFound',
    noun: 'internetGateway',
  },
  networkAcl: {
    prefix: 'acl',
    malformed: 'InvalidNetworkAclId.Malformed',
    notFound: 'InvalidNetworkAclID.NotFound',
    noun: 'networkAcl',
  },
  networkInterface: {
    prefix: 'eni',
    malformed: 'InvalidNetworkInterfaceId.Malformed',
    notFound: 'InvalidNetworkInterfaceID.NotFound',
    noun: 'networkInterface',
  },
  securityGroup: {
    prefix: 'sg',
    malformed: 'InvalidGroupId.Malformed',
    notFound: 'InvalidGroup.NotFound',
    noun: 'security group',
  },
  securityGroupRule: {
    prefix: 'sgr',
    malformed: 'InvalidSecurityGroupRuleId.Malformed',
    notFound: 'InvalidSecurityGroupRuleId.NotFound',
    noun: 'security group rule',
  },
  keyPair: {
    prefix: 'key',
    malformed: 'InvalidKeyPairID.Malformed',
    notFound: 'InvalidKeyPair.NotFound',
    noun: 'key pair',
  },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof kinds

/** The resources with these ids, all of them where none are given. */
export function withIds<Resource extends { readonly id: string }>(
  resources: readonly Resource[],
  ids: readonly string[] | undefined,
  kind: KindName,
): Resource[] {
  if (ids === undefined || ids.length === 0) return [...resources]
  const wanted = new Set(ids)
  for (const id of wanted) refuseMalformed(id, kind)
  const found = resources.filter((resource) => wanted.has(resource.id))
  const missing = [...wanted].filter((id) => !found.some((resource) => resource.id === id))
  if (missing.length > 0) throw notFound(missing, kind)
  return found
}

/** The resource of that id; throws EC2's refusal of a malformed id, or of one that does not exist. */
export function withId<Resource extends { readonly id: string }>(
  resources: readonly Resource[],
  id: string | undefined,
  kind: KindName,
): Resource {
  refuseMalformed(id ?? '', kind)
  const found = resources.find((resource) => resource.id === id)
  if (found === undefined) throw notFound([id ?? ''], kind)
  return found
}

function refuseMalformed(id: string, kind: KindName): void {
  const { prefix, malformed } = kinds[kind]
  if (new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id)) return
  throw new AwsError(malformed, `Invalid id: "${id}" (expecting "${prefix}-...")`)
}

function notFound(ids: readonly string[], kind: KindName): AwsError {
  const { notFound: code, noun } = kinds[kind]
  const list = ids.join(', ')
  if (kind === 'image') return new AwsError(code, `The image id '[${list}]' does not exist`)
  if (kind === 'securityGroup') return new AwsError(code, `The security group '${list}' does not exist`)
  return new AwsError(
    code,
    ids.length === 1 ? `The ${noun} ID '${list}' does not exist` : `The ${noun} IDs '${list}' do not exist`,
  )
}
