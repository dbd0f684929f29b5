import { describe, expect, test } from 'vitest'
import { dbEgress } from '../../../src/checks/network/db-egress.ts'
import { dbIngress } from '../../../src/checks/network/db-ingress.ts'
import { sshIngress } from '../../../src/checks/network/ssh-ingress.ts'
import { webIngress } from '../../../src/checks/network/web-ingress.ts'
import type { Outcome } from '../../../src/lab/check.ts'
import { commandLines } from '../../../src/lab/command-text.ts'
import type { Finding } from '../../../src/lab/finding.ts'
import type { GroupRole, GroupRule, GroupSeen } from '../../../src/lab/ports/groups.ts'
import { fakeEvidence, groupOf, rule, type World } from '../fake-evidence.ts'

const EVERYWHERE = '0.0.0.0/0'
const defaultGroup = groupOf(
  'sg-default',
  'default',
  rule('ingress', 'everything', 'sg-default'),
  rule('egress', 'everything', EVERYWHERE),
)
const web = groupOf(
  'sg-web',
  'FlaskLoginServer',
  rule('ingress', 22, '203.0.113.7/32'),
  rule('ingress', 5000, EVERYWHERE),
  rule('egress', 'everything', EVERYWHERE),
)
const link = groupOf('sg-link', 'ec2-rds-1', rule('egress', 3306, 'sg-database'))
const database = groupOf('sg-database', 'rds-ec2-1', rule('ingress', 3306, 'sg-link'))
const groups = [defaultGroup, web, link, database]

const ownOf = (...these: readonly (readonly [GroupRole, GroupSeen])[]) =>
  Object.fromEntries(these.map(([role, group]) => [role, { ...group, role }]))
const own = ownOf(['web', web], ['link', link], ['database', database])

const CHECKS = [sshIngress, webIngress, dbIngress, dbEgress]

async function examine(id: string, world: World, ms = 20): Promise<Outcome> {
  const check = CHECKS.find((each) => each.id === id)
  if (check === undefined) throw new Error(`There is no check ${id}.`)
  const health = async () => ({ code: 0, ms, text: 'ok' })
  return check.examine({ ...fakeEvidence({ groups, own, ...world }), health })
}

async function ask(id: string, world: World): Promise<Finding | undefined> {
  const outcome = await examine(id, world)
  return 'finding' in outcome ? outcome.finding : undefined
}

async function statusOf(id: string, world: World) {
  return (await examine(id, world)).status
}

const IDS = ['ssh-ingress', 'web-ingress', 'db-ingress', 'db-egress']

test.each(IDS)('%s passes in a lab as it was made', async (id) => {
  expect(await ask(id, { way: 'answers' })).toBeUndefined()
})

describe('a server that carries the default group instead of the lab’s', () => {
  test.each(['ssh-ingress', 'web-ingress', 'db-ingress'])('by %s gets all of them back', async (id) => {
    expect(await ask(id, { server: { groupIds: ['sg-default'] } })).toMatchObject({
      what: 'The server i-1 no longer carries the lab’s security groups sg-web (FlaskLoginServer), sg-link (ec2-rds-1), but sg-default (default).',
      remedy: {
        run: [
          'aws ec2 modify-instance-attribute --instance-id i-1 --groups sg-web sg-link --region us-east-1',
        ],
      },
    })
  })

  test('by db-egress, too, where the default group lets nothing out', async () => {
    const closed = groupOf('sg-default', 'default')
    const finding = await ask('db-egress', {
      server: { groupIds: ['sg-default'] },
      groups: [closed, web, link, database],
    })
    expect(finding?.remedy.run).toEqual([
      'aws ec2 modify-instance-attribute --instance-id i-1 --groups sg-web sg-link --region us-east-1',
    ])
  })

  test('is told to have them made again, where they were deleted as well', async () => {
    const world = { server: { groupIds: ['sg-default'] }, own: ownOf(['link', link], ['database', database]) }
    expect(await ask('ssh-ingress', world)).toMatchObject({
      what: 'The server i-1 no longer carries the lab’s security groups for SSH and the site and the way to the database, but sg-default (default).',
      remedy: { run: ['flasklab up'] },
    })
  })
})

test('a rule that is gone is added to the lab’s own group, whichever the server names first', async () => {
  const closed = groupOf('sg-web', 'FlaskLoginServer')
  const finding = await ask('ssh-ingress', {
    server: { groupIds: ['sg-default', 'sg-link', 'sg-web'] },
    groups: [defaultGroup, closed, link, database],
  })
  expect(finding?.remedy.run).toEqual([
    'aws ec2 authorize-security-group-ingress --group-id sg-web --protocol tcp --port 22 --cidr 203.0.113.7/32 --region us-east-1',
  ])
})

describe('a database without the lab’s group', () => {
  const without = { database: { groupIds: ['sg-default'] } }
  const giveBack = [
    'aws rds modify-db-instance --db-instance-identifier flaskdb-instance --vpc-security-group-ids sg-database --apply-immediately --region us-east-1',
  ]

  test('gets it back, by db-ingress', async () => {
    expect((await ask('db-ingress', without))?.remedy.run).toEqual(giveBack)
  })

  test('gets it back by db-egress, which lets nothing out to a group that it does not have', async () => {
    const closed = groupOf('sg-web', 'FlaskLoginServer')
    const finding = await ask('db-egress', { ...without, groups: [defaultGroup, closed, link, database] })
    expect(finding?.what).toContain('flaskdb-instance no longer has the lab’s security group sg-database')
    expect(finding?.remedy.run).toEqual(giveBack)
  })

  test('has it made again, where it was deleted', async () => {
    const finding = await ask('db-ingress', { ...without, own: ownOf(['web', web], ['link', link]) })
    expect(finding?.remedy.run).toEqual(['flasklab up'])
  })
})

describe('a lab made by hand', () => {
  const byHand = { isHandmade: true }
  const wizard = groupOf('sg-wizard', 'launch-wizard-1', rule('egress', 'everything', EVERYWHERE))

  test('a rule is added to the server’s own group, not to RDS’s', async () => {
    const finding = await ask('ssh-ingress', {
      ...byHand,
      server: { groupIds: ['sg-link', 'sg-wizard'] },
      groups: [link, wizard],
    })
    expect(commandLines(finding?.remedy.run ?? []).join()).toContain(
      '--group-id sg-wizard --protocol tcp --port 22',
    )
  })

  test('the way to the database is let in by the group that RDS made for it', async () => {
    const closed = groupOf('sg-database', 'rds-ec2-1')
    const finding = await ask('db-ingress', {
      ...byHand,
      server: { groupIds: ['sg-wizard', 'sg-link'] },
      groups: [wizard, link, closed],
    })
    expect(commandLines(finding?.remedy.run ?? []).join()).toContain(
      '--group-id sg-database --protocol tcp --port 3306 --source-group sg-link',
    )
  })

  test.each(['ssh-ingress', 'web-ingress', 'db-ingress', 'db-egress'])(
    '%s opens no default group, and types nothing',
    async (id) => {
      const world = {
        ...byHand,
        server: { groupIds: ['sg-default'] },
        database: { groupIds: ['sg-other'] },
        groups: [groupOf('sg-default', 'default'), groupOf('sg-other', 'default')],
      }
      const finding = await ask(id, world)
      expect(finding?.remedy.say).toMatch(/^Leave the default group of the VPC as it is/)
      expect(finding?.remedy.run).toBeUndefined()
    },
  )
})

async function remarkOf(id: string, world: World): Promise<string | undefined> {
  const outcome = await examine(id, world)
  if (outcome.status !== 'pass' || outcome.remark === undefined) return undefined
  return [outcome.remark, ...commandLines(outcome.run ?? [])].join(' ')
}

test('the rule for a former address goes, once the present one is let in; a student’s own stays', async () => {
  const kept = {
    ...rule('ingress', 22, '203.0.113.50/32'),
    description: 'SSH from my address (kept by flasklab)',
  }
  const theirs = { ...rule('ingress', 22, '203.0.113.51/32'), id: 'sgr-theirs', description: 'my office' }
  const moved = groupOf('sg-web', 'FlaskLoginServer', kept, theirs)
  const world = { groups: [moved, link, database], own: { ...own, ...ownOf(['web', moved]) } }
  expect((await ask('ssh-ingress', world))?.remedy.run).toEqual([
    'aws ec2 authorize-security-group-ingress --group-id sg-web --protocol tcp --port 22 --cidr 203.0.113.7/32 --region us-east-1',
    'aws ec2 revoke-security-group-ingress --group-id sg-web --security-group-rule-ids sgr-ingress-22 --region us-east-1',
  ])
})

describe('open to everybody', () => {
  const open = (port: number | 'everything', from = EVERYWHERE) => ({
    ...rule('ingress', port, from),
    id: 'sgr-wide',
  })
  const more = (group: GroupSeen, added: GroupRule) => ({ ...group, rules: [...group.rules, added] })
  const revoke = (group: string) =>
    `aws ec2 revoke-security-group-ingress --group-id ${group} --security-group-rule-ids sgr-wide --region us-east-1`

  test.each([
    [22, EVERYWHERE, 'tcp 22 in from 0.0.0.0/0'],
    [22, '::/0', 'tcp 22 in from ::/0'],
    [22, '128.0.0.0/1', 'tcp 22 in from 128.0.0.0/1'],
    ['everything', EVERYWHERE, 'everything in from 0.0.0.0/0'],
  ] as const)(
    '%s of the server from %s is a warning with the rule, the risk and the way back',
    async (port, from, text) => {
      const world = {
        way: 'answers',
        groups: [defaultGroup, more(web, open(port, from)), link, database],
      } as const
      expect(await ask('ssh-ingress', world)).toMatchObject({
        what: `Port 22 is open to everybody, by sgr-wide of sg-web (FlaskLoginServer): ${text}.`,
        why: expect.stringContaining('within minutes'),
        remedy: { run: [revoke('sg-web')] },
      })
      expect(await statusOf('ssh-ingress', world)).toBe('warn')
      expect(await ask('web-ingress', world)).toBeUndefined()
    },
  )

  test('3306 of the database is one as well', async () => {
    const world = { way: 'answers', groups: [web, link, more(database, open(3306))] } as const
    expect((await ask('db-ingress', world))?.remedy.run).toEqual([revoke('sg-database')])
    expect(await statusOf('db-ingress', world)).toBe('warn')
  })

  test('where nothing else lets in who needs it, that is made first', async () => {
    const alone = groupOf('sg-database', 'rds-ec2-1', open(3306))
    const finding = await ask('db-ingress', { way: 'answers', groups: [web, link, alone] })
    expect(finding?.remedy.run).toEqual(['flasklab up', revoke('sg-database')])
  })

  test('no block that --ssh-from takes is one, nor a prefix list', async () => {
    const list = { ...rule('ingress', 22, ''), peer: { kind: 'prefix-list', prefixListId: 'pl-1' } } as const
    for (const added of [rule('ingress', 22, '203.0.0.0/8'), list]) {
      const world = { way: 'answers', groups: [more(web, added), link, database] } as const
      expect(await statusOf('ssh-ingress', world)).toBe('pass')
    }
  })
})

test('a port 22 that is let in and refused is said to lack its sshd', async () => {
  expect(await remarkOf('ssh-ingress', { way: 'refused' })).toContain('nobody listens there: sshd is not up')
  expect(await remarkOf('ssh-ingress', { way: 'answers' })).not.toContain('sshd')
})

test('SSH from one address only is remarked upon, for those who connect in the browser', async () => {
  expect(await remarkOf('ssh-ingress', { way: 'answers' })).toContain(
    `aws ec2 authorize-security-group-ingress --group-id sg-web --ip-permissions "IpProtocol=tcp,FromPort=22,ToPort=22,PrefixListIds=[{PrefixListId=$(aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.us-east-1.ec2-instance-connect --query 'PrefixLists[0].PrefixListId' --output text --region us-east-1)}]" --region us-east-1`,
  )
  const list = {
    ...rule('ingress', 22, EVERYWHERE),
    peer: { kind: 'prefix-list', prefixListId: 'pl-1' },
  } as const
  const both = { ...web, rules: [...web.rules, list] }
  expect(await remarkOf('ssh-ingress', { way: 'answers', groups: [both, link, database] })).toBe(
    'sgr-ingress-22 allows 203.0.113.7',
  )
})

describe('a site that stays silent', () => {
  const askSite = async (world: World, ms = 20) => {
    const outcome = await examine('web-ingress', world, ms)
    return outcome.status === 'fail' ? outcome : undefined
  }
  const knownOff = { blockedAccess: 'off' } as const

  test('although everyone may open it, is asked from elsewhere, and never for --ssh-from', async () => {
    const say = (await askSite(knownOff))?.finding.remedy.say
    expect(say).toContain('phone’s hotspot')
    expect(say).toContain('in CloudShell')
    expect(say).toContain('curl -m 5 http://203.0.113.99:5000/')
    expect(say).not.toContain('--ssh-from')
  })

  test('and is open to some only, is not: CloudShell is none of them', async () => {
    const some = groupOf('sg-web', 'FlaskLoginServer', rule('ingress', 5000, '203.0.113.0/24'))
    const say = (await askSite({ ...knownOff, groups: [some, link, database] }))?.finding.remedy.say
    expect(say).toContain('--allow-from')
    expect(say).not.toContain('CloudShell')
  })

  test('for --allow-from has left the student out, gets no second rule that does', async () => {
    const others = groupOf('sg-web', 'FlaskLoginServer', rule('ingress', 5000, '198.51.100.0/24'))
    const record = { allowFrom: '198.51.100.0/24' }
    const outcome = await askSite({ groups: [others, link, database], record })
    expect(outcome).toMatchObject({
      finding: {
        what: expect.stringContaining(
          'The site is open to 198.51.100.0/24 only, and you come from 203.0.113.7',
        ),
        remedy: { run: ['flasklab up --allow-from 203.0.113.7/32'] },
      },
    })
    expect(outcome?.mend).toBeUndefined()
  })

  test('and takes long on its own server, too, is no matter of the rules', async () => {
    expect(await askSite(knownOff, 4_000)).toBeUndefined()
  })

  test('like all else says that AWS’s own block may be why, where AWS does not tell', async () => {
    expect((await askSite({}))?.finding.why).toContain('VPC Block Public Access')
    expect((await askSite(knownOff))?.finding.why).not.toContain('VPC Block Public Access')
  })
})
