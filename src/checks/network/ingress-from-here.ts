import type { Reachability } from '../../host/commands.ts'
import { fail, type Outcome, pass, warn } from '../../lab/check.ts'
import { aws, type Command, flasklab } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { GroupRule, GroupSeen } from '../../lab/ports/groups.ts'
import type { ServerSeen } from '../../lab/ports/servers.ts'
import { allowingRule, cidrContains, type FarEnd } from '../../net/firewall.ts'
import { SSH_FROM_ME } from '../../phases/security-groups.ts'
import type { ExaminedLab, Looks } from '../evidence.ts'
import { blockOf } from './block-public-access.ts'
import { ensureRules } from './ensure-rules.ts'
import { groupToOpen } from './group-pair.ts'
import { instanceConnect, prefixListName } from './instance-connect.ts'
import { serverLacksGroups } from './missing-groups.ts'
import { openToAll, revocation } from './open-to-all.ts'
import { groupsText, rulesOf, ruleTexts } from './rule-texts.ts'

export type IngressLooks = Looks<
  'server' | 'database' | 'myAddress' | 'groups' | 'ownGroups' | 'ssh' | 'site' | 'blockedAccess' | 'health'
>

const EVERYONE = '0.0.0.0/0'

/** From here to the server: what the rules say, and whether a new connection is answered. */
export async function ingressFromHere(
  evidence: IngressLooks,
  port: number,
  probe: () => Promise<Reachability>,
): Promise<Outcome> {
  const [server, mine, groups] = await Promise.all([
    expectFound(evidence.server()),
    evidence.myAddress(),
    evidence.groups(),
  ])
  const rule = allowingRule(rulesOf(groups.server), 'ingress', port, near(mine))
  const reachability = await probe()
  if (rule === undefined && reachability !== 'answers') {
    const lacking = await serverLacksGroups(evidence, 'web')
    if (lacking === undefined && isLeftOut(evidence.lab, port, mine))
      return fail(leftOut(evidence.lab, groups.server, mine))
    return fail(lacking ?? (await noRule(evidence, groups.server, port, mine)), ensureRules(evidence))
  }
  if (rule === undefined) return warn(answersWithoutRule(groups.server, port, mine))
  // Refused is an answer, too: the packets come through, and nobody listens.
  if (reachability !== 'silent') {
    const wide = port === handout.sshPort && openToAll(groups.server, port, near(mine), evidence.lab.region)
    return wide ? warn(wide) : letIn(evidence, rule, port, mine, reachability)
  }
  if (port === handout.sitePort && (await isSilentAtHome(evidence))) {
    return pass(`${rule.id} allows ${mine}; the app is as silent on its own server`)
  }
  const unknown = (await blockOf(evidence)) === 'unknown' ? BLOCK_UNKNOWN : ''
  return fail(somethingBetween(server, port, mine, rule, unknown))
}

function near(address: string): FarEnd {
  return { address, groupIds: [] }
}

async function letIn(
  evidence: IngressLooks,
  rule: GroupRule,
  port: number,
  mine: string,
  reachability: Reachability,
): Promise<Outcome> {
  const allowed = `${rule.id} allows ${mine}`
  if (port === handout.sitePort) return pass(allowed)
  const refused =
    reachability === 'refused' ? '; nobody listens there: sshd is not up, as in the first minutes' : ''
  const connect = await instanceConnect(evidence)
  return connect === undefined
    ? pass(`${allowed}${refused}`)
    : pass(`${allowed}${refused}${connect.remark}`, [connect.add])
}

/** By --allow-from: the rule is there or will be, and is not for here. */
function isLeftOut({ record }: ExaminedLab, port: number, mine: string): boolean {
  return port === handout.sitePort && !cidrContains(record.allowFrom, mine)
}

function leftOut({ record }: ExaminedLab, groups: readonly GroupSeen[], mine: string): Finding {
  return {
    what: `The site is open to ${record.allowFrom} only, and you come from ${mine}: the server’s security groups ${groupsText(groups)} have ${ruleTexts(groups, 'ingress')}.`,
    why: 'So it was chosen with --allow-from. A browser waits then, and says that the site took too long to respond.',
    remedy: {
      say: 'Open it from one of those addresses, or let your own in, which takes the place of the former ones (several at once are a block such as 203.0.113.0/24).',
      run: [flasklab('up', { 'allow-from': `${mine}/32` })],
    },
  }
}

async function noRule(
  evidence: IngressLooks,
  groups: readonly GroupSeen[],
  port: number,
  mine: string,
): Promise<Finding> {
  const own = (await evidence.ownGroups()).web
  const group = own?.id ?? groupToOpen(groups)?.id
  const isSsh = port === handout.sshPort
  const former = isSsh ? (own?.rules ?? []).filter(({ description }) => description === SSH_FROM_ME) : []
  const from = isSsh ? `${mine}/32` : evidence.lab.record.allowFrom
  const whyNot = isSsh
    ? 'Your address changes with the network (home, campus, VPN), and the rule still names the former one or is gone: SSH then times out.'
    : 'A browser then waits and says that the site took too long to respond.'
  const connect = isSsh
    ? ` "EC2 Instance Connect" in the browser does not come from your address but from AWS’s: it needs a second rule, with the prefix list ${prefixListName(evidence.lab.region)} as its source.`
    : ''
  return {
    what: `No rule of the server’s security groups ${groupsText(groups)} lets ${mine} in on port ${port}: they have ${ruleTexts(groups, 'ingress')}.`,
    why: `${whyNot}${connect}`,
    remedy:
      group === undefined
        ? OWN_GROUP
        : {
            say: `Add the rule (in the console: EC2, Security Groups, ${group}, Edit inbound rules${isSsh ? ', SSH, My IP' : `, Custom TCP ${port}`}).`,
            run: [
              allowCidr(group, port, from, evidence.lab.region),
              ...former.map(({ id }) => revocation(group, id, evidence.lab.region)),
            ],
          },
  }
}

function allowCidr(group: string, port: number, cidr: string, region: string): Command {
  return aws(region, 'ec2', 'authorize-security-group-ingress', {
    'group-id': group,
    protocol: 'tcp',
    port,
    cidr,
  })
}

/** The default group also holds every resource that nobody gave a group. */
const OWN_GROUP: Finding['remedy'] = {
  say: 'Leave the default group of the VPC as it is, and give the server a group of its own: with inbound rules for SSH from My IP and for Custom TCP 5000 from anywhere (in the console: EC2, Security Groups, Create; then Instances, Actions, Security, Change security groups).',
}

function answersWithoutRule(groups: readonly GroupSeen[], port: number, mine: string): Finding {
  return {
    what: `Port ${port} answers although no rule lets ${mine} in; there is ${ruleTexts(groups, 'ingress')}.`,
    why: 'AWS sees you come from another address than the one that was found out (a VPN or a campus network has several), and one of these rules allows that one.',
    remedy: { say: 'It works as it is. Should it stop to, name the block of addresses with --ssh-from.' },
  }
}

function somethingBetween(
  server: ServerSeen,
  port: number,
  mine: string,
  rule: GroupRule,
  unknown: string,
): Finding {
  return {
    what: `The rule ${rule.id} lets ${mine} in on port ${port}, but ${server.id} does not answer at ${server.address}:${port}.`,
    why: `Something between drops the packets: your own network blocks the port (many campus networks do), or a VPN or your provider (CGNAT) shows AWS another address than the one that was found out.${unknown}`,
    remedy: {
      say: `Try another network, a phone’s hotspot for example.${port === handout.sshPort ? OWN_BLOCK_SSH : secondOpinion(server, rule)}`,
    },
  }
}

const OWN_BLOCK_SSH =
  ' Behind a VPN or CGNAT let in the block of addresses that it uses: "flasklab up" takes it with --ssh-from.'

const BLOCK_UNKNOWN = ' (Whether VPC Block Public Access of the region shuts it off, AWS does not tell here.)'

/** CloudShell comes from elsewhere than the student: it can prove only what is open to everyone. */
function secondOpinion({ address }: ServerSeen, { peer }: GroupRule): string {
  return peer.kind === 'cidr' && peer.cidr === EVERYONE
    ? ` Or ask from elsewhere, in CloudShell (the terminal’s sign at the top of the AWS console): "curl -m 5 http://${address}:${handout.sitePort}/". If that answers, your own network blocks the port.`
    : ' Behind a VPN or CGNAT let in the block of addresses that it uses: "flasklab up" takes it with --allow-from.'
}

/** An app that takes this long on its own server has not answered by the time that a probe is given up. */
const LONG_MS = 2_000

/** Whether the app says nothing, or is slow, even on its own server: then the way there is not what is wrong. */
async function isSilentAtHome(evidence: IngressLooks): Promise<boolean> {
  try {
    const { code, text, ms } = await evidence.health()
    return text === '' || code === 2 || ms >= LONG_MS
  } catch {
    return false
  }
}
