import { aws, type Command, outputOf } from '../../lab/command.ts'
import { handout } from '../../lab/lab.ts'
import type { GroupRule } from '../../lab/ports/groups.ts'
import type { Looks } from '../evidence.ts'
import { groupToOpen } from './group-pair.ts'
import { rulesOf } from './rule-texts.ts'

/** The addresses from which AWS connects for those who choose Connect in the console. */
export function prefixListName(region: string): string {
  return `com.amazonaws.${region}.ec2-instance-connect`
}

/** A remark, with a command, where the server lets SSH in from here but not from EC2 Instance Connect. */
export async function instanceConnect({
  groups,
  ownGroups,
  lab: { region },
}: Looks<'groups' | 'ownGroups'>): Promise<{ readonly remark: string; readonly add: Command } | undefined> {
  const { server } = await groups()
  const group = (await ownGroups()).web?.id ?? groupToOpen(server)?.id
  if (group === undefined || rulesOf(server).some(letsItIn)) return undefined
  const list = prefixListName(region)
  return {
    remark: `. "EC2 Instance Connect" in the browser does not come from there but from AWS’s addresses, the prefix list ${list}: whoever wants it adds a second rule with:`,
    add: addRule(group, list, region),
  }
}

function addRule(group: string, list: string, region: string): Command {
  const id = aws(region, 'ec2', 'describe-managed-prefix-lists', {
    filters: { Name: 'prefix-list-name', Values: list },
    query: 'PrefixLists[0].PrefixListId',
    output: 'text',
  })
  return aws(region, 'ec2', 'authorize-security-group-ingress', {
    'group-id': group,
    'ip-permissions': {
      IpProtocol: 'tcp',
      FromPort: handout.sshPort,
      ToPort: handout.sshPort,
      PrefixListIds: [{ PrefixListId: outputOf(id) }],
    },
  })
}

function letsItIn({ direction, fromPort, toPort, protocol, peer }: GroupRule): boolean {
  const isSsh = protocol === '-1' || (fromPort <= handout.sshPort && handout.sshPort <= toPort)
  const isWide = peer.kind === 'prefix-list' || (peer.kind === 'cidr' && peer.cidr.endsWith('/0'))
  return direction === 'ingress' && isSsh && isWide
}
