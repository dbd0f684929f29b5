import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2'
import { CreateDBSubnetGroupCommand } from '@aws-sdk/client-rds'
import type { DrillContext } from './drill-context.ts'
import { unless } from './rules.ts'

/** The name of what a drill makes outside of the lab's network. */
export const elsewhere = (context: DrillContext) => `flasklab-elsewhere-${context.lab.id}`

/** A subnet group in a VPC beside the lab's; it has a name and tags by which cleaning up finds it. */
export async function otherSubnetGroup(context: DrillContext): Promise<string> {
  const name = elsewhere(context)
  const VpcId = await otherVpc(context)
  const SubnetIds: string[] = []
  for (const [index, letter] of ['a', 'b'].entries())
    SubnetIds.push(await otherSubnet(context, VpcId, `10.0.${index}.0/24`, `${context.lab.region}${letter}`))
  const input = {
    DBSubnetGroupName: name,
    DBSubnetGroupDescription: 'The new network',
    SubnetIds,
    Tags: (await context.database())?.TagList,
  }
  await unless(context.rds.send(new CreateDBSubnetGroupCommand(input)), 'DBSubnetGroupAlreadyExists')
  return name
}

async function otherVpc({ ec2 }: DrillContext): Promise<string> {
  const CidrBlock = '10.0.0.0/16'
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}))
  const former = Vpcs.find((vpc) => vpc.CidrBlock === CidrBlock)
  const vpc = former ?? (await ec2.send(new CreateVpcCommand({ CidrBlock }))).Vpc
  return vpc?.VpcId ?? ''
}

async function otherSubnet(
  { ec2 }: DrillContext,
  VpcId: string,
  CidrBlock: string,
  AvailabilityZone: string,
): Promise<string> {
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }]
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters }))
  const former = Subnets.find((subnet) => subnet.CidrBlock === CidrBlock)
  const subnet =
    former ?? (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }))).Subnet
  return subnet?.SubnetId ?? ''
}
