import {
  CreateNetworkAclEntryCommand,
  type CreateNetworkAclEntryRequest,
  CreateRouteCommand,
  DeleteNetworkAclEntryCommand,
  DeleteRouteCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
} from '@aws-sdk/client-ec2'
import { handout } from '../lab/lab.ts'
import type { Drill } from './drill.ts'
import type { DrillContext } from './drill-context.ts'
import { allow, EVERYWHERE, fromAddress, myBlock, replace, takeAway, unless } from './rules.ts'

const { sshPort, sitePort } = handout
const NEIGHBOUR = '203.0.113.250/32'
const TYPO_PORT = 500

export const networkDrills: readonly Drill[] = [
  {
    id: 'ssh-rule-gone',
    level: 'easy',
    symptom: 'SSH to the server hangs, and after a long while it says "Connection timed out".',
    hints: [
      'A timeout is not a refusal: nobody answers at all.',
      'Which packets may come in is said by the server’s security group.',
      'The group has no rule for port 22 any more.',
    ],
    fault: 'The rule that lets SSH in had been revoked.',
    expectedCheck: 'ssh-ingress',
    async plant(context) {
      await takeAway(context, await context.groupId('web'), 'ingress', sshPort)
    },
    solve: allowSsh,
  },
  {
    id: 'ssh-rule-neighbour',
    level: 'medium',
    symptom: 'SSH hangs for me. My neighbour set the rule for it yesterday, and says that it works for him.',
    hints: [
      'There is a rule for port 22. Read it to its end.',
      'Compare the address in the rule with yours.',
      'The rule lets in 203.0.113.250, and that is not your laptop.',
    ],
    fault: 'The rule for SSH named somebody else’s address.',
    expectedCheck: 'ssh-ingress',
    plant: async (context) =>
      replace(context, await context.groupId('web'), sshPort, { peer: fromAddress(NEIGHBOUR) }),
    async solve(context) {
      await takeAway(context, await context.groupId('web'), 'ingress', sshPort)
      await allowSsh(context)
    },
  },
  {
    id: 'site-rule-gone',
    level: 'easy',
    symptom: 'The browser says that the site took too long to respond. SSH works.',
    hints: [
      'SSH works, so the server is on and on the net.',
      'The site has a port of its own. Who may come in there?',
      'The server’s security group has no rule for port 5000.',
    ],
    fault: 'The rule that lets the site in had been revoked.',
    expectedCheck: 'web-ingress',
    async plant(context) {
      await takeAway(context, await context.groupId('web'), 'ingress', sitePort)
    },
    solve: allowSite,
  },
  {
    id: 'site-rule-typo',
    level: 'medium',
    symptom: 'I opened the port for the site in the console, open to the world. The browser still times out.',
    hints: [
      'Read the rule once more, digit by digit.',
      'On which port does the app listen, and which one does the rule open?',
      'The rule opens port 500, the app listens on 5000.',
    ],
    fault: 'The rule for the site opened port 500 instead of 5000.',
    expectedCheck: 'web-ingress',
    plant: async (context) =>
      replace(context, await context.groupId('web'), sitePort, {
        port: TYPO_PORT,
        peer: fromAddress(EVERYWHERE),
      }),
    async solve(context) {
      await takeAway(context, await context.groupId('web'), 'ingress', TYPO_PORT)
      await allowSite(context)
    },
  },
  aclDrill({
    id: 'acl-ssh',
    level: 'medium',
    symptom: 'SSH hangs. I have looked at the security group three times, and its rule is right.',
    hints: [
      'If the group is right, what else stands between you and the server?',
      'A subnet has a firewall of its own, and that one can also deny.',
      'Look at the inbound entries of the network ACL, from the lowest number on: one denies port 22.',
    ],
    fault: 'An inbound entry of the network ACL denied port 22.',
    entry: {
      RuleNumber: 50,
      Egress: false,
      Protocol: '6',
      RuleAction: 'deny',
      PortRange: { From: 22, To: 22 },
    },
  }),
  aclDrill({
    id: 'acl-site',
    level: 'medium',
    symptom:
      'Security asked the network team for "a little hardening". Since then the site times out for everybody; SSH works.',
    hints: [
      'The network team does not touch security groups.',
      'What do they have that can deny, and that stands before the groups?',
      'An inbound entry of the network ACL denies port 5000.',
    ],
    fault: 'An inbound entry of the network ACL denied port 5000.',
    entry: {
      RuleNumber: 40,
      Egress: false,
      Protocol: '6',
      RuleAction: 'deny',
      PortRange: { From: 5000, To: 5000 },
    },
  }),
  aclDrill({
    id: 'acl-replies',
    level: 'hard',
    symptom:
      'From one minute to the next nothing answers: not the site, not SSH. Sessions that were open froze.',
    hints: [
      'Even open connections froze: a security group does not do that.',
      'A filter that is not aware of connections must allow both directions.',
      'Packets come in, but the answers, to ports above 1023, are denied by an outbound entry of the network ACL.',
    ],
    fault: 'An outbound entry of the network ACL denied the answers (ports 1024 to 65535).',
    entry: {
      RuleNumber: 90,
      Egress: true,
      Protocol: '6',
      RuleAction: 'deny',
      PortRange: { From: 1024, To: 65_535 },
    },
  }),
  {
    id: 'route-lost',
    level: 'hard',
    symptom: 'The server runs, both status checks are green, every rule is right, and nothing reaches it.',
    hints: [
      'If nobody drops the packets, do they find the way?',
      'What makes a subnet a public one?',
      'The route table of the subnet has no route 0.0.0.0/0 to the internet gateway.',
    ],
    fault: 'The default route to the internet gateway had been deleted.',
    expectedCheck: 'internet-route',
    outlivesLab: true,
    async prepare(context) {
      return { RouteTableId: await mainTable(context), GatewayId: await gatewayOf(context) }
    },
    async plant({ ec2 }, { RouteTableId }) {
      await ec2.send(new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: EVERYWHERE }))
    },
    async solve({ ec2 }, { RouteTableId, GatewayId }) {
      const route = { RouteTableId, GatewayId, DestinationCidrBlock: EVERYWHERE }
      await unless(ec2.send(new CreateRouteCommand(route)), 'RouteAlreadyExists')
    },
  },
]

async function allowSsh(context: DrillContext): Promise<void> {
  const from = context.lab.sshFrom ?? (await myBlock(context))
  await allow(context, await context.groupId('web'), 'ingress', sshPort, fromAddress(from))
}

async function allowSite(context: DrillContext): Promise<void> {
  await allow(context, await context.groupId('web'), 'ingress', sitePort, fromAddress(context.lab.allowFrom))
}

/** An entry of a network ACL for everybody’s traffic. */
type Entry = Omit<CreateNetworkAclEntryRequest, 'NetworkAclId' | 'CidrBlock'>

function aclDrill({
  entry,
  ...words
}: Omit<Drill, 'expectedCheck' | 'plant' | 'solve'> & { readonly entry: Entry }): Drill {
  const { RuleNumber, Egress } = entry
  return {
    ...words,
    expectedCheck: 'network-acl',
    outlivesLab: true,
    async prepare(context) {
      return { NetworkAclId: await aclOf(context) }
    },
    async plant({ ec2 }, { NetworkAclId }) {
      await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, NetworkAclId, CidrBlock: EVERYWHERE }))
    },
    async solve({ ec2 }, { NetworkAclId }) {
      const place = { NetworkAclId, RuleNumber, Egress }
      await unless(ec2.send(new DeleteNetworkAclEntryCommand(place)), 'InvalidNetworkAclEntry.NotFound')
    },
  }
}

async function aclOf({ ec2, ...context }: DrillContext): Promise<string> {
  const Filters = [{ Name: 'association.subnet-id', Values: [(await context.server()).SubnetId ?? ''] }]
  const { NetworkAcls = [] } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }))
  return NetworkAcls[0]?.NetworkAclId ?? ''
}

async function gatewayOf({ ec2, ...context }: DrillContext): Promise<string> {
  const Filters = [{ Name: 'attachment.vpc-id', Values: [(await context.server()).VpcId ?? ''] }]
  const { InternetGateways = [] } = await ec2.send(new DescribeInternetGatewaysCommand({ Filters }))
  return InternetGateways[0]?.InternetGatewayId ?? ''
}

async function mainTable({ ec2, ...context }: DrillContext): Promise<string> {
  const Filters = [
    { Name: 'vpc-id', Values: [(await context.server()).VpcId ?? ''] },
    { Name: 'association.main', Values: ['true'] },
  ]
  const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters }))
  return RouteTables[0]?.RouteTableId ?? ''
}
