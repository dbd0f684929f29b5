import { createHash } from 'node:crypto'
import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { envFile } from '../../src/formats/env-file.ts'
import { serviceUnit } from '../../src/host/service-unit.ts'
import { LabError } from '../../src/lab/finding.ts'
import { namesFor } from '../../src/lab/names.ts'
import type { DatabaseSeen } from '../../src/lab/ports/databases.ts'
import { createDatabase, passwords } from '../../src/phases/4-create-database.ts'
import { verifyGroups } from '../../src/phases/5-verify-groups.ts'
import { createSchema } from '../../src/phases/6-create-schema.ts'
import { runApplication } from '../../src/phases/7-run-application.ts'
import { connectTo } from '../../src/phases/host-key.ts'
import { run } from '../../src/phases/run.ts'
import { lineWith } from '../support/line-with.ts'
import { fakeHost, fakeWorld, network } from './fake-kit.ts'

const server = { id: 'i-1', address: '203.0.113.99', vpcId: 'vpc-1', groupIds: ['sg-web', 'sg-link'] }
const endpoint = { host: 'flaskdb.abc.us-east-1.rds.amazonaws.com', port: 3306 }
const database = { id: 'flaskdb-instance', endpoint, vpcId: 'vpc-1', groupIds: ['sg-database'] }
const host = { home: '/home/ec2-user', node: '/usr/bin/node-22' }
const project = { folder: '/home/ec2-user/FlaskLoginApp', digest: 'abc' }
const link = { linkGroupId: 'sg-link', databaseGroupId: 'sg-database' }
const schema = { database: 'flaskdb', user: 'flaskapp' }
const lab = { network, server, host, project, database, link, schema }

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof LabError ? error.finding : error),
  )

function databaseSeen(status: string): DatabaseSeen {
  return {
    ...database,
    status,
    endpoint: status === 'available' ? endpoint : undefined,
    subnetIds: ['subnet-a', 'subnet-b'],
    zone: 'us-east-1a',
    isPublic: false,
    engineVersion: '8.4.6',
    extendedSupport: false,
    authority: undefined,
    certificateEnds: undefined,
  }
}

test('the passwords are saved before the database is asked for, and stay the same', async () => {
  const savedAtCreate: unknown[] = []
  using world = fakeWorld({
    findDatabase: async () => undefined,
    createDatabase: async (spec) => {
      savedAtCreate.push(world.kit.record.value.passwords?.master === spec.masterPassword.reveal())
    },
  })
  await createDatabase.start?.({ network }, world.kit, 4)
  expect(savedAtCreate).toEqual([true])
  const before = world.kit.record.value.passwords
  passwords(world.kit)
  expect(world.kit.record.value.passwords).toEqual(before)
  expect(before?.master).not.toBe(before?.app)
})

test('looking at a lab without passwords makes none', async () => {
  using world = fakeWorld({})
  expect(await createSchema.find(lab, world.kit)).toBeUndefined()
  expect(await runApplication.find(lab, world.kit)).toBeUndefined()
  expect(world.kit.record.value.passwords).toBeUndefined()
})

test('a database that exists, in whatever state, is not begun a second time', async () => {
  using world = fakeWorld({ findDatabase: async () => databaseSeen('creating') })
  await createDatabase.start?.({ network }, world.kit, 4)
  expect(world.log).toEqual([])
})

test('nor beside one that lost its tags, under whatever name', async () => {
  using world = fakeWorld({
    findDatabase: async () => undefined,
    findUntagged: async () => [{ kind: 'database', id: 'flaskdb-instance', name: '', arn: 'arn:aws:rds:x' }],
  })
  await expect(createDatabase.start?.({ network }, world.kit, 4)).rejects.toMatchObject({
    finding: {
      remedy: {
        run: [
          lineWith(/^aws rds add-tags-to-resource --resource-name arn:aws:rds:x --tags Key=Name,/),
          'flasklab doctor',
        ],
      },
    },
  })
  expect(world.log).toEqual([])
})

test('a database name that somebody took in the meantime is given up for the next', async () => {
  const [handouts, named, unique] = namesFor({ name: 'lab', id: '0a1b2c3d4e' })
  const tried: unknown[] = []
  using world = fakeWorld({
    findDatabase: async () => undefined,
    createDatabase: async () => {
      tried.push(world.kit.record.value.names?.database)
      if (tried.length < 3) throw new LabError({ what: 'x', remedy: { say: 'y' } }, { code: 'name-taken' })
    },
  })
  world.kit.record.save({ id: '0a1b2c3d4e', names: handouts })
  await createDatabase.start?.({ network }, world.kit, 4)
  expect(tried).toEqual([handouts.database, named.database, unique.database])
  expect(world.kit.record.value.names).toEqual({ ...handouts, database: unique.database })
})

test('phase 4 waits until the database is available', async () => {
  const states = ['creating', 'creating', 'backing-up', 'available']
  using world = fakeWorld({ findDatabase: async () => databaseSeen(states.shift() ?? 'available') })
  expect(await createDatabase.make(lab, world.kit)).toEqual(database)
})

test('a stopped database is started', async () => {
  const states = ['stopped', 'starting', 'available']
  using world = fakeWorld({
    findDatabase: async () => databaseSeen(states.shift() ?? 'available'),
    startDatabase: async (id) => void world.log.push(`start ${id}`),
  })
  await createDatabase.make(lab, world.kit)
  expect(world.log).toEqual(['start flaskdb-instance'])
})

test('a database that was on its way out is made anew once it is gone', async () => {
  const found = [undefined, undefined, databaseSeen('creating'), databaseSeen('available')]
  let created = 0
  using world = fakeWorld({
    findDatabase: async () => (found.length > 1 ? found.shift() : found[0]),
    createDatabase: async () => void created++,
  })
  expect(await createDatabase.make(lab, world.kit)).toEqual(database)
  expect(created).toBe(2)
})

async function endedAs(status: string, has: Partial<DatabaseSeen> = {}) {
  const states = ['creating', status]
  using world = fakeWorld({
    findDatabase: async () => ({ ...databaseSeen(states.shift() ?? status), ...has }),
    databaseEvents: async () => ['DB instance created', 'The storage is broken'],
  })
  return failureOf(createDatabase.make(lab, world.kit))
}

test.each(['failed', 'incompatible-network', 'insufficient-capacity'])(
  'a database that ends as %s is a finding with AWS’s own last note',
  async (status) => {
    expect(await endedAs(status)).toEqual({
      what: `The database flaskdb-instance has ended in the state "${status}" and will not become available.`,
      why: 'The storage is broken',
      remedy: {
        say: 'Go on: it is deleted, and created again. Nothing is stored in it yet.',
        run: ['flasklab up'],
      },
    })
  },
)

test('a database that has been of use is not deleted without a word about what is stored in it', async () => {
  expect(await endedAs('failed', { endpoint })).toMatchObject({
    remedy: { say: expect.stringContaining('take a snapshot') },
  })
})

test('a database whose storage is full is given more room, and keeps what is stored in it', async () => {
  expect(await endedAs('storage-full', { endpoint })).toMatchObject({
    remedy: { run: [lineWith('--allocated-storage 40'), expect.anything(), 'flasklab up'] },
  })
})

test.each([
  [
    'answers too late',
    { code: 124 },
    'does not answer on port 3306, although the rules allow it',
    'drops the packets',
  ],
  [
    'refuses',
    { code: 1, stderr: 'bash: connect: Connection refused' },
    'refuses connections from i-1',
    'nobody listens',
  ],
  [
    'has a name that nobody knows',
    { code: 1, stderr: 'bash: line 1: flaskdb.abc: Name or service not known' },
    `nobody knows the name ${endpoint.host}`,
    'DNS of vpc-1',
  ],
])('a database that %s is told as just that', async (_, ran, what, why) => {
  const { host: connection } = fakeHost(() => ran)
  using world = fakeWorld(
    { setServerGroups: async () => {}, setDatabaseGroups: async () => {} },
    { connect: async () => connection },
  )
  world.kit.record.save({ hostKeys: { 'i-1': ['ssh-ed25519 AAAA'] } })
  expect(await failureOf(verifyGroups.make(lab, world.kit))).toMatchObject({
    what: expect.stringContaining(what),
    why: expect.stringContaining(why),
  })
})

test.each([
  ['out of memory', { code: 137, stderr: '' }, 'It ran out of memory', 'swapon'],
  [
    'without trust in the database',
    { code: 1, stderr: 'ERROR 2026 (HY000): TLS/SSL error: self-signed certificate' },
    'rds-ca.pem in the project',
    'flasklab doctor',
  ],
  ['killed', { code: 1, stderr: 'npm error\nKilled' }, 'It ran out of memory', 'swapon'],
  [
    'out of room',
    { code: 1, stderr: 'tar: app.js: Cannot write: No space left on device' },
    'Its disk is full',
    'df -h',
  ],
  ['too strict', { code: 1, stderr: 'Failed to enable unit: Access denied' }, 'Its SELinux', 'setenforce 0'],
  ['of few words', { code: 3, stderr: '' }, 'ended with code 3 and said nothing', 'flasklab ssh'],
])('a server that is %s is told so, with what helps', async (_, ran, why, command) => {
  const { host: connection } = fakeHost(() => ran)
  using world = fakeWorld()
  const failed = await failureOf(run(connection, 'work', 'work', { kit: world.kit }))
  expect(failed).toMatchObject({
    what: 'The server could not work.',
    why: expect.stringContaining(why),
    remedy: { run: expect.arrayContaining([lineWith(command)]) },
  })
})

test.each(['failed', 'insufficient-capacity'])(
  'a database that ended as %s while it was created, and never had an endpoint, is deleted and created again',
  async (status) => {
    const found = [databaseSeen(status), undefined, databaseSeen('creating'), databaseSeen('available')]
    using world = fakeWorld({
      findDatabase: async () => (found.length > 1 ? found.shift() : found[0]),
      databaseEvents: async () => ['The engine ended while it was created'],
      remove: async ({ kind, id }) => {
        world.log.push(`remove ${kind} ${id}`)
        return { done: 'asked' }
      },
      createDatabase: async () => void world.log.push('create the database'),
    })
    expect(await createDatabase.make(lab, world.kit)).toEqual(database)
    expect(world.log.filter((line) => / (the )?database/.test(line))).toEqual([
      'remove database flaskdb-instance',
      'create the database',
      'create the database',
    ])
    expect(world.steps()[0]).toContain('(The engine ended while it was created)')
  },
)

test('a database that failed after it had been in use is never deleted by itself', async () => {
  using world = fakeWorld({
    findDatabase: async () => ({ ...databaseSeen('failed'), endpoint }),
    databaseEvents: async () => ['The storage is broken'],
  })
  expect(await failureOf(createDatabase.make(lab, world.kit))).toMatchObject({ why: 'The storage is broken' })
})

test('a database that does not get ready is told so after half an hour', async () => {
  using world = fakeWorld({ findDatabase: async () => databaseSeen('creating') })
  expect(await failureOf(createDatabase.make(lab, world.kit))).toMatchObject({
    what: 'The database flaskdb-instance is still not available after 30 minutes.',
  })
})

const key = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 }).public.split(' ').slice(0, 2).join(' ')
const printed = `-----BEGIN SSH HOST KEY KEYS-----\r\n${key} root@x\r\n-----END SSH HOST KEY KEYS-----\r\n`

test('the host key is read once from the console, kept, and written on the server as a tag', async () => {
  const outputs = ['', 'booting', printed]
  const used: unknown[] = []
  const { host: connection } = fakeHost(() => ({}))
  using world = fakeWorld(
    {
      consoleOutput: async () => outputs.shift() ?? 'nothing any more',
      tagServer: async (...words) => void world.log.push(words.join(' ')),
    },
    {
      connect: async (options) => {
        used.push(options.hostKeys)
        return connection
      },
    },
  )
  await connectTo(server, world.kit, 1_000)
  await connectTo(server, world.kit, 1_000)
  expect(used).toEqual([[key], [key]])
  expect(world.kit.record.value.hostKeys).toEqual({ 'i-1': [key] })
  const digest = createHash('sha256')
    .update(Buffer.from(key.split(' ')[1] ?? '', 'base64'))
    .digest('base64')
  expect(world.log).toEqual([`i-1 flasklab:host-key SHA256:${digest.replace(/=+$/, '')}`])
})

test('a console that never shows the key is a finding: nobody is trusted unseen', async () => {
  using world = fakeWorld(
    { consoleOutput: async () => 'login:' },
    { connect: () => Promise.reject(new Error('connected')) },
  )
  expect(await failureOf(connectTo(server, world.kit, 1_000))).toMatchObject({
    what: 'The server i-1 has not shown its SSH host key on its console.',
  })
})

function worldWith(connection: ReturnType<typeof fakeHost>['host'], more = {}) {
  const world = fakeWorld({}, { connect: async () => connection, ...more })
  world.kit.record.save({
    hostKeys: { 'i-1': [key] },
    passwords: { master: 'MasterSecret', app: 'AppSecret' },
  })
  return world
}

test('a client that repeats what it was given when it fails gives no password away', async () => {
  const { host: connection } = fakeHost((command) =>
    command.includes('mysql')
      ? {
          code: 1,
          stderr:
            "--------------\nCREATE USER x IDENTIFIED BY 'AppSecret'\nMasterSecret\n--------------\nERROR 1819",
        }
      : {},
  )
  using world = worldWith(connection)
  const finding = await failureOf(createSchema.make(lab, world.kit))
  expect(finding).toMatchObject({
    what: 'The server could not create the schema with the mysql client.',
    why: "--------------\nCREATE USER x IDENTIFIED BY '••••'\n••••\n--------------\nERROR 1819",
  })
})

test('the schema is found only with the options that let plain mysql open it', async () => {
  for (const [code, found] of [
    [0, { database: 'flaskdb', user: 'flaskapp' }],
    [1, undefined],
  ] as const) {
    const { host: connection } = fakeHost((command) => (command.includes('my.cnf') ? { code } : {}))
    using world = worldWith(connection)
    expect(await createSchema.find(lab, world.kit)).toEqual(found)
  }
})

test('no command holds a password: they come on stdin', async () => {
  const { host: connection, ran } = fakeHost(() => ({}))
  using world = worldWith(connection, { browse: async () => ({ status: 200, text: '' }) })
  await createSchema.make(lab, world.kit)
  await runApplication.make(lab, world.kit)
  expect(ran.map(({ command }) => command).filter((command) => /Secret/.test(command))).toEqual([])
  expect(ran.filter(({ stdin }) => stdin.includes('AppSecret'))).toHaveLength(3)
  expect(ran.filter(({ stdin }) => stdin.includes('MasterSecret'))).toHaveLength(1)
})

const settings = envFile({
  RDS_HOST: endpoint.host,
  RDS_PORT: '3306',
  RDS_USER: 'flaskapp',
  RDS_PASSWORD: 'AppSecret',
  RDS_DB: 'flaskdb',
  RDS_CA: 'rds-ca.pem',
  HOST: '0.0.0.0',
  PORT: '5000',
})

test('the app is found running only with the settings and unit that it would be given now', async () => {
  const sum = (text: string) => createHash('sha256').update(text).digest('hex')
  const whole = sum(settings + serviceUnit(host, project.folder))
  for (const [checksum, expected] of [
    [whole, { url: 'http://203.0.113.99:5000' }],
    [sum('something else'), undefined],
  ] as const) {
    const { host: connection } = fakeHost((command) => ({
      stdout: command.includes('sha256sum') ? `${checksum}  -\n` : '',
    }))
    using world = worldWith(connection, { browse: async () => ({ status: 200, text: '' }) })
    expect(await runApplication.find(lab, world.kit)).toEqual(expected)
  }
})

test('an app that does not get healthy is a finding with its own last words', async () => {
  const { host: connection } = fakeHost((command) => {
    if (command.includes('journalctl')) return { stdout: 'Error: listen EADDRINUSE\n' }
    return command.includes('/health') ? { code: 2, stdout: '12\nECONNREFUSED\n' } : {}
  })
  using world = worldWith(connection)
  expect(await failureOf(runApplication.make(lab, world.kit))).toMatchObject({
    what: 'The app does not become healthy; asked for /health on the server it says: ECONNREFUSED.',
    why: expect.stringContaining('Error: listen EADDRINUSE'),
  })
})

test('an app that runs but can’t be reached from here is told as that', async () => {
  const { host: connection } = fakeHost(() => ({}))
  using world = worldWith(connection, { browse: () => Promise.reject(new Error('no answer')) })
  expect(await failureOf(runApplication.make(lab, world.kit))).toMatchObject({
    what: 'The app runs on i-1, but http://203.0.113.99:5000 does not answer from here.',
  })
})
