import { expect, test } from 'vitest'
import { expectServer, toDatabase, toServer } from '../../src/lab/facts.ts'
import type { DatabaseSeen } from '../../src/lab/ports/databases.ts'
import { seen as serverSeen } from '../phases/fake-kit.ts'
import { standIn } from '../support/stand-in.ts'

const server = { id: 'i-1', address: '203.0.113.99', vpcId: 'vpc-1', groupIds: ['sg-web', 'sg-link'] }

test('a server is a fact once it runs and has an address', () => {
  expect(toServer(serverSeen({}))).toEqual(server)
  expect(toServer(serverSeen({ address: undefined }))).toBeUndefined()
  expect(toServer(serverSeen({ state: 'stopped' }))).toBeUndefined()
})

test('whoever needs a server is told why there is none', () => {
  expect(expectServer(serverSeen({}))).toEqual(server)
  expect(() => expectServer(undefined)).toThrow('The lab has no server yet.')
  expect(() => expectServer(serverSeen({ state: 'stopped' }))).toThrow('The server i-1 is stopped')
  expect(() => expectServer(serverSeen({ address: undefined }))).toThrow('has no public address')
})

test('a database is a fact once it has an endpoint', () => {
  const database = { id: 'flaskdb-instance', vpcId: 'vpc-1', groupIds: ['sg-database'] }
  const endpoint = { host: 'db.example', port: 3306 }
  const seen = (where: typeof endpoint | undefined) =>
    standIn<DatabaseSeen>('database', { ...database, endpoint: where })
  expect(toDatabase(seen(endpoint))).toEqual({ ...database, endpoint })
  expect(toDatabase(seen(undefined))).toBeUndefined()
})
