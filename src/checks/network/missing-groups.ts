import { aws, flasklab } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import type { GroupRole } from '../../lab/ports/groups.ts'
import type { ExaminedLab, Looks } from '../evidence.ts'
import { wholeList } from './ensure-rules.ts'
import { groupsText } from './rule-texts.ts'

type Seen = Looks<'server' | 'database' | 'groups' | 'ownGroups'>

/** Where the server does not carry the lab's group for `role`: the missing groups, and the remedy. */
export async function serverLacksGroups(evidence: Seen, role: 'web' | 'link'): Promise<Finding | undefined> {
  if (evidence.lab.isHandmade) return undefined
  const [{ id, groupIds }, own] = [await expectFound(evidence.server()), await evidence.ownGroups()]
  const present = (await evidence.groups()).server
  const isLost = (each: GroupRole) => !groupIds.includes(own[each]?.id ?? '')
  if (!isLost(role)) return undefined
  const lost = (['web', 'link'] as const).filter(isLost)
  const known = lost.flatMap((each) => own[each] ?? [])
  const isAllThere = known.length === lost.length
  const which = isAllThere ? groupsText(known) : `for ${lost.map((each) => PURPOSES[each]).join(' and ')}`
  return {
    what: `The server ${id} no longer carries the lab’s security group${lost.length > 1 ? 's' : ''} ${which}, but ${groupsText(present)}.`,
    why: 'A server has the rules of the groups that it carries: those of the lab let you in on 22 and 5000, and MySQL out to the database.',
    remedy: isAllThere ? giveBack(evidence.lab, id, wholeList(known, present)) : MAKE_GROUPS,
  }
}

const PURPOSES = { web: 'SSH and the site', link: 'the way to the database' } as const

const MAKE_GROUPS: Finding['remedy'] = {
  say: 'The VPC no longer has all of them: make what is missing again, and have it put where it belongs.',
  run: [flasklab('up')],
}

function giveBack({ region }: ExaminedLab, id: string, groupIds: readonly string[]): Finding['remedy'] {
  return {
    say: `Give it back what it lacks; no rule needs to change (in the console: EC2, Instances, ${id}, Actions, Security, Change security groups).`,
    run: [aws(region, 'ec2', 'modify-instance-attribute', { 'instance-id': id, groups: groupIds })],
  }
}

/** Where the database does not have the lab's group for it. */
export async function databaseLacksGroup(evidence: Seen): Promise<Finding | undefined> {
  const { lab } = evidence
  if (lab.isHandmade) return undefined
  const [{ id, groupIds }, own] = [
    await expectFound(evidence.database()),
    (await evidence.ownGroups()).database,
  ]
  if (own !== undefined && groupIds.includes(own.id)) return undefined
  const present = groupsText((await evidence.groups()).database)
  return {
    what: `The database ${id} no longer has the lab’s security group${own === undefined ? '' : ` ${own.id}`}, but ${present}.`,
    why: 'A database has the rules of its groups: only that one lets the server in, and only to that one do the server’s rules let MySQL out.',
    remedy:
      own === undefined
        ? MAKE_GROUPS
        : {
            say: `Give the database its group ${own.id} again, whose rules let the server in (in the console: RDS, ${id}, Modify, Connectivity).`,
            run: [
              aws(lab.region, 'rds', 'modify-db-instance', {
                'db-instance-identifier': id,
                'vpc-security-group-ids': own.id,
                'apply-immediately': true,
              }),
            ],
          },
  }
}
