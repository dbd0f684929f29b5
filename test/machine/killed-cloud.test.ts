import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateKeyPairCommand,
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import { DeleteDBInstanceCommand, DescribeEventsCommand } from '@aws-sdk/client-rds'
import mysql from 'mysql2/promise'
import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import type { PracticeClient } from '../../src/practice/client.ts'
import { placesIn } from '../../src/practice/paths.ts'
import { isAlive, signal } from '../../src/practice/processes.ts'
import { createDatabase, databaseOf, instanceOf, launch, makeGroup, PASSWORD } from '../practice/lab.ts'
import {
  ec2Of,
  findPractice,
  marked,
  openHome,
  rdsOf,
  startPractice,
  stopPractice,
} from '../support/daemon-home.ts'
import { listeningPorts } from '../support/data-plane.ts'
import { until } from '../support/until.ts'

const KeyName = 'lab'
const APP = `
  import { createServer } from 'node:http'
  createServer((request, response) => response.end('hello ' + request.socket.remoteAddress)).listen(5000, '0.0.0.0')`

/** A server with a running service and a database, made as the lab makes them. */
async function makeLab(client: PracticeClient) {
  const [ec2, rds] = [ec2Of(client), rdsOf(client)]
  const { KeyMaterial: privateKey = '' } = await ec2.send(
    new CreateKeyPairCommand({ KeyName, KeyType: 'ed25519' }),
  )
  const groupId = await makeGroup(ec2, 'open')
  for (const port of [22, 5000, 3306]) {
    const rule = { GroupId: groupId, IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp: '0.0.0.0/0' }
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule))
  }
  const database = { PubliclyAccessible: true, VpcSecurityGroupIds: [groupId] }
  await rds.send(createDatabase(database))
  const instanceId = await launch(ec2, { KeyName, SecurityGroupIds: [groupId] })
  await until('the server runs', async () => (await instanceOf(ec2, instanceId)).State?.Name === 'running')
  await until(
    'the database is available',
    async () => (await databaseOf(rds)).DBInstanceStatus === 'available',
  )
  const address = (await instanceOf(ec2, instanceId)).PublicIpAddress ?? ''
  const { Endpoint } = await databaseOf(rds)
  const ssh = await client.reach(address, 22)
  expect(
    await run(
      { privateKey, sshPort: ssh.port },
      'sudo dnf -y install nodejs22 >/dev/null; cat >app.mjs',
      APP,
    ),
  ).toBe(0)
  const unit = `printf '[Service]\\nExecStart=%s %s\\nRestart=always\\n' "$(command -v node-22)" "$HOME/app.mjs" >app.service`
  expect(
    await run({ privateKey, sshPort: ssh.port }, `${unit}; sudo systemctl enable --now "$HOME/app.service"`),
  ).toBe(0)
  return { instanceId, groupId, address, databasePort: Endpoint?.Port ?? 0, sshPort: ssh.port, privateKey }
}

type Lab = Awaited<ReturnType<typeof makeLab>>

/** Fails until all of it answers. */
async function answers(client: PracticeClient, lab: Lab): Promise<boolean> {
  try {
    const site = await client.reach(lab.address, 5000)
    const page = await fetch(`http://${site.host}:${site.port}/`, { signal: AbortSignal.timeout(2_000) })
    const login = {
      host: 'localhost',
      port: lab.databasePort,
      user: 'admin',
      password: PASSWORD,
      connectTimeout: 2_000,
    }
    const connection = await mysql.createConnection(login)
    connection.destroy()
    return (await page.text()) === 'hello 203.0.113.7' && (await run(lab, 'true')) === 0
  } catch {
    return false
  }
}

async function run(
  { sshPort: port, privateKey }: Pick<Lab, 'sshPort' | 'privateKey'>,
  command: string,
  stdin = '',
): Promise<number> {
  const client = new ssh2.Client()
  client.on('error', () => {})
  try {
    client.connect({
      host: '127.0.0.1',
      port,
      username: 'ec2-user',
      privateKey,
      readyTimeout: 5_000,
    })
    await once(client, 'ready')
    return await new Promise((resolve, reject) =>
      client.exec(command, (error, channel) => {
        if (error) return reject(error)
        channel.resume().on('exit', (code: number) => resolve(code))
        channel.end(stdin)
      }),
    )
  } finally {
    client.end()
  }
}

test('a lab outlives a stop and a kill of its practice cloud, and leaves nothing when it is gone', async () => {
  const home = openHome()
  const first = await startPractice(home, false)
  const lab = await makeLab(first)
  await until('all of it answers', () => answers(first, lab))
  const known = { ...first.service, ports: await portsOf(first, lab) }

  // Stopped and started.
  await stopPractice(home)
  expect(marked(home)).toEqual([])
  for (const port of [known.port, ...known.ports]) expect(await isFree(port)).toBe(true)
  const second = await startPractice(home, false)
  await until('all of it answers again', () => answers(second, lab))
  expect({ ...second.service, ports: await portsOf(second, lab) }).toEqual(known)
  expect((await instanceOf(ec2Of(second), lab.instanceId)).State?.Name).toBe('running')

  // Killed and started.
  const before = marked(home)
  expect(before.length).toBeGreaterThanOrEqual(2)
  signal((await second.about()).pid, 'SIGKILL')
  await until('it is dead', async () => (await findPractice(home)) === undefined)
  expect(before.every(isAlive)).toBe(true)
  const third = await startPractice(home, false)
  expect(before.filter(isAlive)).toEqual([])
  await until('all of it answers once more', () => answers(third, lab))
  expect({ ...third.service, ports: await portsOf(third, lab) }).toEqual(known)

  // The gateway alone listens on TCP.
  const { pid } = await third.about()
  expect(marked(home).flatMap(listeningPorts)).toEqual([])
  expect(listeningPorts(pid).sort()).toEqual([known.port, ...known.ports].sort())

  // Killed and only stopped: what it left behind is ended.
  signal(pid, 'SIGKILL')
  await until('it is dead', async () => (await findPractice(home)) === undefined)
  await stopPractice(home)
  expect(marked(home)).toEqual([])

  // Taken down.
  const last = await startPractice(home, false)
  const lastPid = (await last.about()).pid
  const [ec2, rds] = [ec2Of(last), rdsOf(last)]
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [lab.instanceId] }))
  await rds.send(
    new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'flaskdb-instance', SkipFinalSnapshot: true }),
  )
  await until(
    'the server is terminated',
    async () => (await instanceOf(ec2, lab.instanceId)).State?.Name === 'terminated',
  )
  await until('the database is gone', async () =>
    databaseOf(rds).then(
      () => false,
      () => true,
    ),
  )
  await ec2.send(new DeleteKeyPairCommand({ KeyName }))
  await ec2.send(new DeleteSecurityGroupCommand({ GroupId: lab.groupId }))
  await last.leave()
  expect(isAlive(lastPid)).toBe(false)
  expect(marked(home)).toEqual([])
  for (const port of [known.port, ...known.ports]) expect(await isFree(port)).toBe(true)
  expect(readFileSync(placesIn(home).logFile, 'utf8')).not.toContain('bug: ')
})

test('a database whose making was cut off by a kill says why it failed, and makes room for another', async () => {
  const home = openHome()
  const first = await startPractice(home, true)
  await rdsOf(first).send(createDatabase())
  await until('its engine is being made', () => marked(home).length > 0)
  signal((await first.about()).pid, 'SIGKILL')
  await until('it is dead', async () => (await findPractice(home)) === undefined)
  const rds = rdsOf(await startPractice(home, true))
  expect((await databaseOf(rds)).DBInstanceStatus).toBe('failed')
  expect(marked(home)).toEqual([])
  const { Events = [] } = await rds.send(new DescribeEventsCommand({}))
  expect(Events.at(-1)?.Message).toBe(
    'The DB instance has failed: The practice cloud was stopped while it made this database. Delete it and create it again.',
  )
  await rds.send(
    new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'flaskdb-instance', SkipFinalSnapshot: true }),
  )
  const tryAgain = () =>
    rds.send(createDatabase()).then(
      () => true,
      () => false,
    )
  await until('its name is free', tryAgain)
  await until('it is available', async () => (await databaseOf(rds)).DBInstanceStatus === 'available')
  expect(readdirSync(join(home, 'practice/databases'))).toHaveLength(1)
})

async function portsOf(client: PracticeClient, { address, databasePort }: Lab): Promise<number[]> {
  const ssh = await client.reach(address, 22)
  const site = await client.reach(address, 5000)
  return [ssh.port, site.port, databasePort]
}

async function isFree(port: number): Promise<boolean> {
  const probe: Server = createServer().listen(port, '127.0.0.1')
  const free = await once(probe, 'listening').then(
    () => true,
    () => false,
  )
  probe.close()
  return free
}
