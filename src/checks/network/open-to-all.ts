import { aws, type Command, flasklab } from '../../lab/command.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { GroupRule, GroupSeen } from '../../lab/ports/groups.ts'
import { allowingRule, coversPort, type FarEnd, type Peer, parseCidr } from '../../net/firewall.ts'
import { ruleText } from '../../phases/security-groups.ts'
import { rulesOf } from './rule-texts.ts'

/** Wider than any block that --ssh-from takes. */
const WIDEST_PREFIX = 8

const RISKS: Readonly<Record<number, string>> = {
  [handout.sshPort]:
    'Port 22 of every address is found and tried within minutes: then only the key stands between the server and everybody.',
  [handout.databasePort]:
    'Only the server needs the database. Now all that gets into the VPC may try passwords there; and everybody, should the database be made public.',
}

/**
 * Rules that let everybody in on a port which is for one alone; the lab works with them. `one`: who is to be let in all
 * the same.
 */
export function openToAll(
  groups: readonly GroupSeen[],
  port: number,
  one: FarEnd,
  region: string,
): Finding | undefined {
  const isOpen = (rule: GroupRule) =>
    rule.direction === 'ingress' && coversPort(rule, port) && isWide(rule.peer)
  const wide = groups.flatMap((group) => group.rules.filter(isOpen).map((rule) => ({ group, rule })))
  if (wide.length === 0) return undefined
  const others = rulesOf(groups).filter((rule) => !isOpen(rule))
  const isOneLetIn = allowingRule(others, 'ingress', port, one) !== undefined
  const named = wide.map(({ group, rule }) => `${rule.id} of ${group.id} (${group.name}): ${ruleText(rule)}`)
  return {
    what: `Port ${port} is open to everybody, by ${named.join('; by ')}.`,
    why: RISKS[port] ?? '',
    remedy: {
      say: `${isOneLetIn ? '' : `No other rule lets ${one.address} in: have that made first. `}Take it back (in the console: EC2, Security Groups, Edit inbound rules).`,
      run: [
        ...(isOneLetIn ? [] : [flasklab('up')]),
        ...wide.map(({ group, rule }) => revocation(group.id, rule.id, region)),
      ],
    },
  }
}

export function revocation(group: string, rule: string, region: string): Command {
  return aws(region, 'ec2', 'revoke-security-group-ingress', {
    'group-id': group,
    'security-group-rule-ids': rule,
  })
}

function isWide(peer: Peer): boolean {
  if (peer.kind !== 'cidr') return false
  return peer.cidr === '::/0' || (parseCidr(peer.cidr)?.prefix ?? WIDEST_PREFIX) < WIDEST_PREFIX
}
