import { inRegion } from '../../lab/in-region.ts'
import { handout } from '../../lab/lab.ts'
import type { GroupRule } from '../../lab/ports/groups.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import type { Evidence } from '../evidence.ts'
import { groupToOpen } from './group-pair.ts'
import { rulesOf } from './rule-texts.ts'

/** The addresses from which AWS connects for those who choose Connect in the console. */
export function prefixListName({ cloud }: Pick<Kit, 'cloud'>): string {
  return `com.amazonaws.${cloud.region}.ec2-instance-connect`
}

/** What is still missing for it where SSH is let in from here; empty where nothing is. */
export async function instanceConnectRemark(evidence: Evidence): Promise<string> {
  const { server: groups } = await evidence.groups()
  const group = (await evidence.ownGroups()).web?.id ?? groupToOpen(groups)?.id
  if (group === undefined || rulesOf(groups).some(letsItIn)) return ''
  const list = prefixListName(evidence.kit)
  const region = inRegion(evidence.kit)
  const id = `$(aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=${list} --query 'PrefixLists[0].PrefixListId' --output text${region})`
  const add = `aws ec2 authorize-security-group-ingress --group-id ${group} --ip-permissions "IpProtocol=tcp,FromPort=${handout.sshPort},ToPort=${handout.sshPort},PrefixListIds=[{PrefixListId=${id}}]"${region}`
  return `. "EC2 Instance Connect" in the browser does not come from there but from AWS’s addresses, the prefix list ${list}: whoever wants it adds a second rule with: ${add}`
}

function letsItIn({ direction, fromPort, toPort, protocol, peer }: GroupRule): boolean {
  const isSsh = protocol === '-1' || (fromPort <= handout.sshPort && handout.sshPort <= toPort)
  const isWide = peer.kind === 'prefix-list' || (peer.kind === 'cidr' && peer.cidr.endsWith('/0'))
  return direction === 'ingress' && isSsh && isWide
}
