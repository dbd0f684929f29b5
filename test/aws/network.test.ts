import { expect, test } from 'vitest'
import { blockedAccess, findNetwork } from '../../src/aws/network.ts'
import { LabError } from '../../src/lab/finding.ts'
import { fields, openAws, refusal, type Script, set } from './scripted-aws.ts'

interface SubnetSpec {
  readonly zone: string
  readonly state?: string
  readonly free?: number
  readonly ipv6Native?: boolean
}

const gateway = fields({ destinationCidrBlock: '0.0.0.0/0', gatewayId: 'igw-1', state: 'active' })
const local = fields({ destinationCidrBlock: '172.31.0.0/16', gatewayId: 'local', state: 'active' })

function table(
  routes: readonly string[],
  ...associations: readonly Record<string, string | boolean>[]
): string {
  return set('routeSet', ...routes) + set('associationSet', ...associations.map(fields))
}

const main = { main: true }
const of = (subnetId: string) => ({ subnetId, main: false })

/** A region with one default VPC; subnets are called subnet-1, subnet-2, … */
function region(
  subnets: readonly SubnetSpec[],
  tables = [table([local, gateway], main)],
  zones = 'abcdf',
): Script {
  return {
    DescribeVpcs: set('vpcSet', fields({ vpcId: 'vpc-1', isDefault: true })),
    DescribeSubnets: set(
      'subnetSet',
      ...subnets.map(({ zone, state = 'available', free = 4091, ipv6Native = false }, index) =>
        fields({
          subnetId: `subnet-${index + 1}`,
          availabilityZone: `us-east-1${zone}`,
          state,
          availableIpAddressCount: free,
          ipv6Native,
        }),
      ),
    ),
    DescribeRouteTables: set('routeTableSet', ...tables),
    DescribeInstanceTypeOfferings: set(
      'instanceTypeOfferingSet',
      ...[...zones].map((zone) => fields({ instanceType: 't3.micro', location: `us-east-1${zone}` })),
    ),
  }
}

async function find(script: Script) {
  await using aws = await openAws(script)
  const { vpcId, serverSubnets, databaseSubnets } = await findNetwork(aws.clients, 'us-east-1')
  return { vpcId, server: serverSubnets.map(({ id }) => id), database: databaseSubnets.map(({ id }) => id) }
}

async function refusedWith(script: Script): Promise<LabError['finding']> {
  const error = await find(script).catch((thrown: unknown) => thrown)
  if (error instanceof LabError) return error.finding
  throw new Error('There was no finding.', { cause: error })
}

const twoZones = [{ zone: 'a' }, { zone: 'b' }]

test('a plain default VPC: every subnet takes the server and the database', async () => {
  expect(await find(region(twoZones))).toEqual({
    vpcId: 'vpc-1',
    server: ['subnet-1', 'subnet-2'],
    database: ['subnet-1', 'subnet-2'],
  })
})

test('AWS is asked for the default VPC and what is in it, and for the zones of t3.micro', async () => {
  await using aws = await openAws(region(twoZones))
  await findNetwork(aws.clients, 'us-east-1')
  expect(aws.asked('DescribeVpcs')).toEqual([{ 'Filter.1.Name': 'is-default', 'Filter.1.Value.1': 'true' }])
  const inVpc = { 'Filter.1.Name': 'vpc-id', 'Filter.1.Value.1': 'vpc-1' }
  expect(aws.asked('DescribeSubnets')).toEqual([inVpc])
  expect(aws.asked('DescribeRouteTables')).toEqual([inVpc])
  expect(aws.asked('DescribeInstanceTypeOfferings')).toEqual([
    {
      LocationType: 'availability-zone',
      'Filter.1.Name': 'instance-type',
      'Filter.1.Value.1': 't3.micro',
    },
  ])
})

test('a subnet’s own route table counts, and the main one only for those without', async () => {
  const tables = [table([local, gateway], main), table([local], of('subnet-1'))]
  expect((await find(region(twoZones, tables))).server).toEqual(['subnet-2'])
  const turned = [table([local], main), table([local, gateway], of('subnet-1'))]
  expect((await find(region(twoZones, turned))).server).toEqual(['subnet-1'])
})

test.each([
  [
    'leads to a gateway that is gone',
    fields({ destinationCidrBlock: '0.0.0.0/0', gatewayId: 'igw-1', state: 'blackhole' }),
  ],
  [
    'leads to a NAT gateway',
    fields({ destinationCidrBlock: '0.0.0.0/0', natGatewayId: 'nat-1', state: 'active' }),
  ],
  [
    'leads to a virtual private gateway',
    fields({ destinationCidrBlock: '0.0.0.0/0', gatewayId: 'vgw-1', state: 'active' }),
  ],
  [
    'leads to the internet for one block only',
    fields({ destinationCidrBlock: '198.51.100.0/24', gatewayId: 'igw-1', state: 'active' }),
  ],
  [
    'leads there for IPv6 only',
    fields({ destinationIpv6CidrBlock: '::/0', gatewayId: 'igw-1', state: 'active' }),
  ],
])('a route that %s makes no subnet public', async (_, route) => {
  const tables = [table([local, route], main), table([gateway], of('subnet-2'))]
  expect((await find(region(twoZones, tables))).server).toEqual(['subnet-2'])
})

test('a database needs no public subnet', async () => {
  const tables = [table([local], main), table([gateway], of('subnet-2'))]
  expect((await find(region(twoZones, tables))).database).toEqual(['subnet-1', 'subnet-2'])
})

test('zones without t3.micro take no server', async () => {
  expect(await find(region([{ zone: 'e' }, { zone: 'a' }]))).toMatchObject({
    server: ['subnet-2'],
    database: ['subnet-1', 'subnet-2'],
  })
})

test('a subnet without a free address takes no server', async () => {
  expect(
    (
      await find(
        region([
          { zone: 'a', free: 0 },
          { zone: 'b', free: 1 },
        ]),
      )
    ).server,
  ).toEqual(['subnet-2'])
})

test.each([
  ['has IPv6 only', { zone: 'c', ipv6Native: true }],
  ['is still being made', { zone: 'c', state: 'pending' }],
  ['lies in a local zone', { zone: '-bos-1a' }],
])('a subnet that %s takes nothing', async (_, third) => {
  const zones = ['c', '-bos-1a']
  const script = {
    ...region([...twoZones, third]),
    DescribeInstanceTypeOfferings: set(
      'instanceTypeOfferingSet',
      ...['a', 'b', ...zones].map((zone) => fields({ location: `us-east-1${zone}` })),
    ),
  }
  expect(await find(script)).toMatchObject({
    server: ['subnet-1', 'subnet-2'],
    database: ['subnet-1', 'subnet-2'],
  })
})

test('without a default VPC the finding says how to make it', async () => {
  expect(await refusedWith({ ...region([]), DescribeVpcs: set('vpcSet') })).toEqual({
    what: 'The region us-east-1 has no default VPC.',
    why: 'The lab is built in it, as the handout says, and somebody has deleted it.',
    remedy: {
      say: 'Make it again (it costs nothing), then go on.',
      run: ['aws ec2 create-default-vpc --region us-east-1', 'flasklab up'],
    },
  })
})

test('without a public subnet there is no place for the server', async () => {
  expect((await refusedWith(region(twoZones, [table([local], main)]))).what).toBe(
    'The default VPC vpc-1 in us-east-1 has no public subnet that offers t3.micro.',
  )
})

test('a VPC whose zones don’t offer the server is told as that, with a zone that does', async () => {
  expect(await refusedWith(region([{ zone: 'e' }, { zone: 'g' }]))).toEqual({
    what: 'The default VPC vpc-1 in us-east-1 has no subnet in a zone that offers t3.micro.',
    why: 'It has some in us-east-1e, us-east-1g only.',
    remedy: {
      say: 'Add a default subnet in another zone (it costs nothing), or use another region.',
      run: [
        'aws ec2 create-default-subnet --availability-zone us-east-1a --region us-east-1',
        'flasklab up',
        'flasklab up --lab another-name --region us-west-2',
      ],
    },
  })
  expect((await refusedWith(region([]))).why).toBe('It has no subnet at all that could be used.')
})

test('subnets without a free address are told as that', async () => {
  const full = [
    { zone: 'a', free: 0 },
    { zone: 'b', free: 0 },
  ]
  expect(await refusedWith(region(full))).toMatchObject({
    what: 'The default VPC vpc-1 in us-east-1 has no address left for the server.',
    why: 'Its subnets are full: subnet-1, subnet-2.',
  })
})

test('where nobody may ask which zones offer the server, the launch must tell', async () => {
  const script = { ...region(twoZones), DescribeInstanceTypeOfferings: refusal('UnauthorizedOperation') }
  expect((await find(script)).server).toEqual(['subnet-1', 'subnet-2'])
})

test('subnets in one zone are too few for a database, and a zone without one is named', async () => {
  for (const [zone, free] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const { what, remedy } = await refusedWith(region([{ zone }, { zone }]))
    expect(what).toBe('The default VPC vpc-1 in us-east-1 has subnets in fewer than two zones.')
    expect(remedy.run?.[0]).toEqual(
      `aws ec2 create-default-subnet --availability-zone us-east-1${free} --region us-east-1`,
    )
  }
})

test('VPC Block Public Access is told in AWS’s words', async () => {
  const options = fields({ internetGatewayBlockMode: 'block-ingress' })
  await using aws = await openAws({
    DescribeVpcBlockPublicAccessOptions: `<vpcBlockPublicAccessOptions>${options}</vpcBlockPublicAccessOptions>`,
  })
  expect(await blockedAccess(aws.clients)).toBe('block-ingress')
})
