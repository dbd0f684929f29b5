import { expect, test } from 'vitest'
import { type Destination, type Source, verdict } from '../../src/practice/network/evaluate-connection.ts'
import { openPorts } from '../../src/practice/network/open-ports.ts'
import { createDice } from '../faults/dice.ts'
import { addDatabase, addGroup, addInstance, LAPTOP, openDataPlane, rule } from '../support/data-plane.ts'

const laptop: Source = { kind: 'laptop', address: LAPTOP }

test('a server is open on the ports of its rules, and a database to its server only', () => {
  const plane = openDataPlane()
  const web = addGroup(plane, [
    rule('ingress', 22, `${LAPTOP}/32`),
    { ...rule('ingress', 5000, '0.0.0.0/0'), toPort: 5010 },
    { ...rule('ingress', 5011, '0.0.0.0/0'), toPort: 5011 },
    { ...rule('ingress', 53, '0.0.0.0/0'), protocol: 'udp' },
  ])
  const guard = addGroup(plane, [rule('ingress', 3306, web.id)])
  const instance = addInstance(plane, { groupIds: [web.id] })
  const database = addDatabase(plane, { groupIds: [guard.id] })
  const onServer = (port: number): Destination => ({ kind: 'instance', instance, port })
  const onDatabase = (port: number): Destination => ({ kind: 'database', database, port })
  expect(openPorts(plane.region, laptop, onServer)).toEqual([
    { from: 22, to: 22 },
    { from: 5000, to: 5011 },
  ])
  expect(openPorts(plane.region, laptop, onDatabase)).toEqual([])
  expect(openPorts(plane.region, { kind: 'instance', instance }, onDatabase)).toEqual([
    { from: 3306, to: 3306 },
  ])
})

test('a group that lets everything in opens every port', () => {
  const plane = openDataPlane()
  const instance = addInstance(plane, {
    groupIds: [addGroup(plane, [rule('ingress', 'any', '0.0.0.0/0')]).id],
  })
  const on = (port: number): Destination => ({ kind: 'instance', instance, port })
  expect(openPorts(plane.region, laptop, on)).toEqual([{ from: 1, to: 65_535 }])
})

test('on each port they agree with the one who decides, whatever the rules', () => {
  const dice = createDice(7)
  const ports = [1, 21, 22, 23, 80, 443, 3306, 5000, 5001, 32_768, 65_535]
  for (let round = 0; round < 60; round += 1) {
    const plane = openDataPlane()
    const groups = [1, 2, 3].map(() => addGroup(plane))
    for (const group of groups) {
      group.rules = Array.from({ length: dice.number(4) }, () => {
        const [peer = '0.0.0.0/0'] = dice.some(
          [`${LAPTOP}/32`, '172.31.0.0/16', ...groups.map(({ id }) => id)],
          1,
        )
        const [from = 1, to = from] = dice.some(ports, 2).sort((one, other) => one - other)
        const made = rule(dice.chance(0.3) ? 'egress' : 'ingress', from, peer)
        return dice.chance(0.1)
          ? { ...made, protocol: '-1', fromPort: -1, toPort: -1 }
          : { ...made, toPort: to }
      })
    }
    for (const acl of plane.region.networkAcls) {
      const entries = dice.some(ports, 3).map((port, index) => {
        const { number, ...entry } = acl.entries[0] ?? {
          number: 1,
          egress: false,
          protocol: '-1',
          allow: true,
          cidr: '',
        }
        return {
          ...entry,
          number: Math.min(number, 100) - 1 - index,
          egress: dice.chance(0.5),
          protocol: '6',
          allow: dice.chance(0.5),
          cidr: '0.0.0.0/0',
          fromPort: port,
          toPort: Math.min(port + dice.number(500), 65_535),
        }
      })
      acl.entries = [...entries, ...acl.entries]
    }
    const ids = () => dice.some(groups, 3).map(({ id }) => id)
    const [near, far] = [addInstance(plane, { groupIds: ids() }), addInstance(plane, { groupIds: ids() })]
    const on = (port: number): Destination => ({ kind: 'instance', instance: far, port })
    for (const source of [laptop, { kind: 'instance', instance: near } as const]) {
      const ranges = openPorts(plane.region, source, on)
      const probes = [...ports, ...ranges.flatMap(({ from, to }) => [from - 1, from, to, to + 1])]
      for (const port of probes.filter((each) => each >= 1 && each <= 65_535)) {
        const isOpen = ranges.some(({ from, to }) => from <= port && port <= to)
        expect({ port, isOpen }).toEqual({ port, isOpen: verdict(plane.region, source, on(port)).passes })
      }
    }
  }
})
