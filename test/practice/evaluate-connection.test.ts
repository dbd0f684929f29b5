import { describe, expect, test } from 'vitest'
import type { AclEntry } from '../../src/net/firewall.ts'
import {
  type Destination,
  type Source,
  verdict,
  verdictOutside,
} from '../../src/practice/network/evaluate-connection.ts'
import {
  addDatabase,
  addGroup,
  addInstance,
  type DataPlane,
  LAPTOP,
  openDataPlane,
  rule,
} from '../support/data-plane.ts'

const laptop: Source = { kind: 'laptop', address: LAPTOP }

/** A server open to the laptop on 22 and to everyone on 5000, and a database open to the server's group. */
function openLab() {
  const plane = openDataPlane()
  const web = addGroup(plane, [rule('ingress', 22, `${LAPTOP}/32`), rule('ingress', 5000, '0.0.0.0/0')])
  const client = addGroup(plane)
  const guard = addGroup(plane, [rule('ingress', 3306, client.id)])
  const instance = addInstance(plane, { groupIds: [web.id, client.id] })
  const database = addDatabase(plane, { groupIds: [guard.id] })
  const on = (port: number): Destination => ({ kind: 'instance', instance, port })
  const toDatabase: Destination = { kind: 'database', database, port: 3306 }
  const server: Source = { kind: 'instance', instance }
  const decide = (source: Source, destination: Destination) => told(plane, source, destination)
  return {
    plane,
    region: plane.region,
    web,
    client,
    guard,
    instance,
    database,
    server,
    on,
    toDatabase,
    decide,
  }
}

function told(plane: DataPlane, source: Source, destination: Destination): string {
  const decided = verdict(plane.region, source, destination)
  if (!decided.passes) return decided.droppedBy
  return decided.tracked ? 'passes' : 'passes untracked'
}

describe('from the laptop to the server', () => {
  test('a rule for its address lets it in, on that port only', () => {
    const { decide, on } = openLab()
    expect([22, 5000, 80].map((port) => decide(laptop, on(port)))).toEqual([
      'passes',
      'passes untracked',
      'ingress rules',
    ])
  })

  test('a rule for another address does not', () => {
    const { decide, on } = openLab()
    expect(decide({ kind: 'laptop', address: '203.0.113.8' }, on(22))).toBe('ingress rules')
  })

  test('a rule for a group does not: the laptop is in none', () => {
    const { decide, on, web } = openLab()
    web.rules = [rule('ingress', 22, web.id)]
    expect(decide(laptop, on(22))).toBe('ingress rules')
  })

  test('a port that is open to everyone is untracked, whichever rule stands first', () => {
    const { decide, on, web } = openLab()
    web.rules.push(rule('ingress', 22, '0.0.0.0/0'))
    expect(decide(laptop, on(22))).toBe('passes untracked')
  })

  test('it is tracked where replies are not open to everyone', () => {
    const { decide, on, web, client } = openLab()
    web.rules = web.rules.filter(({ direction }) => direction === 'ingress')
    client.rules = []
    expect(decide(laptop, on(5000))).toBe('passes')
  })

  test('no rule of the server can forbid its replies', () => {
    const { decide, on, web, client } = openLab()
    for (const group of [web, client])
      group.rules = group.rules.filter((each) => each.direction === 'ingress')
    expect(decide(laptop, on(22))).toBe('passes')
  })

  test('a stopped server answers nobody', () => {
    const { decide, on, instance } = openLab()
    instance.state = 'stopped'
    expect(decide(laptop, on(22))).toBe('no server')
  })

  test('one without a public address cannot be reached', () => {
    const { decide, on, instance } = openLab()
    instance.publicAddress = undefined
    expect(decide(laptop, on(22))).toBe('no public address')
  })
})

describe('the route to the internet', () => {
  test('is missed when the main table has no default route', () => {
    const { decide, on, region } = openLab()
    for (const table of region.routeTables)
      table.routes = table.routes.filter((each) => each.target === 'local')
    expect(decide(laptop, on(22))).toBe('no route to the internet')
  })

  test('is missed when its gateway belongs to another network', () => {
    const { decide, on, region } = openLab()
    for (const gateway of region.internetGateways) gateway.vpcId = 'vpc-other'
    expect(decide(laptop, on(22))).toBe('no route to the internet')
  })

  test("is decided by the subnet's own table before the main one", () => {
    const { decide, on, region, instance } = openLab()
    const own = { id: 'rtb-own', vpcId: instance.vpcId, main: false, subnetIds: [instance.subnetId] }
    region.routeTables.push({ ...own, routes: [], tags: {} })
    expect(decide(laptop, on(22))).toBe('no route to the internet')
  })

  test('is of no account inside the network', () => {
    const { decide, server, toDatabase, region } = openLab()
    region.routeTables = []
    expect(decide(server, toDatabase)).toBe('passes')
  })
})

describe('network ACLs', () => {
  const entry = (wish: Partial<AclEntry>): AclEntry => ({
    number: 50,
    egress: false,
    protocol: '6',
    allow: false,
    cidr: '0.0.0.0/0',
    ...wish,
  })

  test.each([
    ['denies the port', entry({ fromPort: 22, toPort: 22 }), 'network ACL'],
    ['denies another port', entry({ fromPort: 80, toPort: 80 }), 'passes'],
    ['denies the replies', entry({ egress: true, fromPort: 1024, toPort: 65_535 }), 'network ACL'],
    ['denies everything to the laptop', entry({ protocol: '-1', cidr: '203.0.113.0/24' }), 'network ACL'],
    ['denies it to others', entry({ protocol: '-1', cidr: '192.0.2.0/24' }), 'passes'],
    ['denies UDP', entry({ protocol: '17' }), 'passes'],
    ['denies after it was allowed', entry({ number: 200, fromPort: 22, toPort: 22 }), 'passes'],
  ])('an entry that %s', (_, added, expected) => {
    const { decide, on, region } = openLab()
    region.networkAcls[0]?.entries.push(added)
    expect(decide(laptop, on(22))).toBe(expected)
  })

  test('one without entries drops everything', () => {
    const { decide, on, region } = openLab()
    for (const acl of region.networkAcls) acl.entries = []
    expect(decide(laptop, on(22))).toBe('network ACL')
  })

  test('are passed between two subnets, not within one', () => {
    const { decide, plane, server, toDatabase, region } = openLab()
    const deny = entry({ fromPort: 3306, toPort: 3306, egress: true })
    region.networkAcls[0]?.entries.push(deny)
    expect(decide(server, toDatabase)).toBe('passes')
    const [, second] = region.subnets
    const database = addDatabase(plane, {
      zone: second?.zone ?? '',
      groupIds: region.databases[0]?.groupIds ?? [],
    })
    expect(decide(server, { kind: 'database', database, port: 3306 })).toBe('network ACL')
  })
})

describe('from the server to the database', () => {
  test("the rule for the server's group lets it in", () => {
    const { decide, server, toDatabase } = openLab()
    expect(decide(server, toDatabase)).toBe('passes')
  })

  test('a server without that group is dropped', () => {
    const { decide, server, toDatabase, instance, web } = openLab()
    instance.groupIds = [web.id]
    expect(decide(server, toDatabase)).toBe('ingress rules')
  })

  test.each([
    ['its private address', '172.31.0.10/32', 'passes'],
    ['its public address, which is not seen inside', '198.51.100.10/32', 'ingress rules'],
  ])('a rule for %s', (_, cidr, expected) => {
    const { decide, server, toDatabase, guard } = openLab()
    guard.rules = [rule('ingress', 3306, cidr)]
    expect(decide(server, toDatabase)).toBe(expected)
  })

  test('a server that may not call out is dropped on its own side', () => {
    const { decide, server, toDatabase, web, client } = openLab()
    for (const group of [web, client])
      group.rules = group.rules.filter((each) => each.direction === 'ingress')
    expect(decide(server, toDatabase)).toBe('egress rules')
  })

  test("it may call out to the database's group alone", () => {
    const { decide, server, toDatabase, web, client, guard } = openLab()
    web.rules = []
    client.rules = [rule('egress', 3306, guard.id)]
    expect(decide(server, toDatabase)).toBe('passes')
  })

  test('two networks do not meet', () => {
    const { decide, server, plane, guard } = openLab()
    const database = addDatabase(plane, { vpcId: 'vpc-other', groupIds: [guard.id] })
    expect(decide(server, { kind: 'database', database, port: 3306 })).toBe('another VPC')
  })
})

describe('from the laptop to the database', () => {
  test('a private one cannot be reached, whatever the rules say', () => {
    const { decide, toDatabase, guard } = openLab()
    guard.rules.push(rule('ingress', 3306, '0.0.0.0/0'))
    expect(decide(laptop, toDatabase)).toBe('no public address')
  })

  test('a public one can, where a rule lets the laptop in', () => {
    const { decide, toDatabase, guard, database } = openLab()
    database.publiclyAccessible = true
    expect(decide(laptop, toDatabase)).toBe('ingress rules')
    guard.rules.push(rule('ingress', 3306, `${LAPTOP}/32`))
    expect(decide(laptop, toDatabase)).toBe('passes')
  })
})

test('from one server to another the rules of both count', () => {
  const { plane, decide, on, client, web } = openLab()
  const other: Source = { kind: 'instance', instance: addInstance(plane, { groupIds: [] }) }
  expect(decide(other, on(5000))).toBe('egress rules')
  other.instance.groupIds = [client.id]
  expect(decide(other, on(5000))).toBe('passes untracked')
  expect(decide(other, on(22))).toBe('ingress rules')
  web.rules.push(rule('ingress', 22, client.id))
  expect(decide(other, on(22))).toBe('passes')
})

describe('from the server to the internet', () => {
  const outside = ({ region, instance }: ReturnType<typeof openLab>, port = 443) => {
    const decided = verdictOutside(region, instance, '192.0.2.80', port)
    return decided.passes ? 'passes' : decided.droppedBy
  }

  test('it gets through as AWS makes a lab', () => {
    expect(outside(openLab())).toBe('passes')
  })

  test('it does not without a public address, nor while it is stopped', () => {
    const lab = openLab()
    lab.instance.publicAddress = undefined
    expect(outside(lab)).toBe('no public address')
    lab.instance.state = 'stopped'
    expect(outside(lab)).toBe('no server')
  })

  test('it does not without a route', () => {
    const lab = openLab()
    for (const table of lab.region.routeTables) table.routes = []
    expect(outside(lab)).toBe('no route to the internet')
  })

  test('it does on the ports of its egress rules', () => {
    const lab = openLab()
    lab.web.rules = [rule('egress', 443, '0.0.0.0/0')]
    lab.client.rules = []
    expect([443, 80].map((port) => outside(lab, port))).toEqual(['passes', 'egress rules'])
  })

  test('it does not where the ACL forbids the way out, or the way of the answers', () => {
    const deny = (egress: boolean): AclEntry => ({
      number: 1,
      egress,
      protocol: '-1',
      allow: false,
      cidr: '0.0.0.0/0',
    })
    for (const egress of [true, false]) {
      const lab = openLab()
      for (const acl of lab.region.networkAcls) acl.entries = [deny(egress), ...acl.entries]
      expect(outside(lab)).toBe('network ACL')
    }
  })
})
