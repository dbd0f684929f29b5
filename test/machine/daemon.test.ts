import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join, relative } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { writtenFinding } from '../../src/lab/command-text.ts'
import type { PracticeClient } from '../../src/practice/client.ts'
import { answerControl, signControl } from '../../src/practice/control-api.ts'
import { createFaults } from '../../src/practice/faults.ts'
import { placesIn } from '../../src/practice/paths.ts'
import { isAlive } from '../../src/practice/processes.ts'
import type { PracticeTrouble } from '../../src/practice/trouble.ts'
import { findingOf } from '../../src/world/practice-findings.ts'
import { createDatabase, databaseOf, instanceOf, launch, makeGroup } from '../practice/lab.ts'
import { refusal } from '../practice/support.ts'
import {
  built,
  config,
  daemonsOf,
  ec2Of,
  findPractice,
  openHome,
  rdsOf,
  startPractice,
  stopPractice,
} from '../support/daemon-home.ts'
import { addInstance, openDataPlane } from '../support/data-plane.ts'
import { until } from '../support/until.ts'

/** A program that starts the practice cloud, prints its process id and goes on if it is told to. */
const caller = (home: string, then = '') => [
  process.execPath,
  ...['--input-type=module', '-e'],
  `import { startPractice } from ${JSON.stringify(built)}
  const { pid } = await (await startPractice({ home: ${JSON.stringify(home)}, kept: false, env: process.env })).about()
  console.log(pid)
  ${then}`,
]

describe('the practice cloud', () => {
  test('is one, however many start it at once', async () => {
    const home = openHome()
    const callers = [1, 2, 3].map(() => {
      const [program = '', ...words] = caller(home)
      return spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    })
    const pids = await Promise.all(callers.map(({ stdout }) => text(stdout)))
    expect(new Set(pids).size).toBe(1)
    await until('the others have ended', () => daemonsOf(home).length === 1)
    expect(`${daemonsOf(home)[0]}\n`).toBe(pids[0])
  })

  test('does not hold $(…) up, and keeps nothing of the terminal', async () => {
    const home = openHome()
    const script = `said="$("$@" 2>&1)"; echo "it said $said"`
    const shell = spawn('bash', ['-c', script, 'bash', ...caller(home)], { stdio: ['pipe', 'pipe', 'pipe'] })
    expect(await text(shell.stdout)).toMatch(/^it said \d+\n$/)
    expect(await findPractice(home)).toBeDefined()
  })

  test('is not ended by Ctrl-C in the shell that started it', async () => {
    const home = openHome()
    const [program = '', ...words] = caller(home, 'setInterval(() => {}, 1000)')
    const foreground = spawn(program, words, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(foreground.stdout, 'data')
    const ended = once(foreground, 'exit')
    process.kill(-Number(foreground.pid), 'SIGINT')
    expect((await ended)[1]).toBe('SIGINT')
    expect(isAlive(Number(line))).toBe(true)
    expect((await (await findPractice(home))?.about())?.pid).toBe(Number(line))
  })

  test('that is started while another still starts answers both', async () => {
    const home = openHome()
    const first = startPractice(home, false)
    await until('its service file is there', () => existsSync(join(home, 'practice/service.json')))
    const [one, two] = await Promise.all([first, startPractice(home, false)])
    expect((await one.about()).pid).toBe((await two.about()).pid)
    expect(daemonsOf(home)).toHaveLength(1)
  })

  test('names the port that another program has taken', async () => {
    const home = openHome()
    const { service } = await startPractice(home, true)
    await stopPractice(home)
    const thief = createServer((socket) => socket.destroy()).listen(service.port, '127.0.0.1')
    onTestFinished(() => void thief.close())
    const error = await startPractice(home, true).catch((caught: PracticeTrouble) => caught)
    expect(error).toMatchObject({ trouble: { kind: 'port-used', port: service.port } })
    expect(daemonsOf(home)).toEqual([])
  })

  test('finds a home that is given as a relative path', async () => {
    const home = openHome()
    const client = await startPractice(relative(process.cwd(), home), false)
    expect(daemonsOf(home)).toEqual([(await client.about()).pid])
    expect(existsSync(join(home, 'practice/service.json'))).toBe(true)
  })

  test('keeps its files from others', async () => {
    const home = openHome()
    await startPractice(home, true)
    const listing = execFileSync('find', [join(home, 'practice'), '-perm', '/077', '!', '-type', 'l'], {
      encoding: 'utf8',
    })
    expect(listing).toBe('')
  })
})

describe('a damaged file', () => {
  const damage = (home: string, name: string, text: string): string => {
    const file = join(placesIn(home).root, name)
    writeFileSync(file, text)
    return file
  }
  const findingAt = (home: string) =>
    startPractice(home, true).then(
      () => undefined,
      (error: PracticeTrouble) => writtenFinding(findingOf(error.trouble)),
    )

  test.each([
    ['service.json', 'its port and key'],
    ['cloud.json', 'what it remembers'],
  ])('%s is told of, left as it is, and leaves nothing running', async (name, holds) => {
    const home = openHome()
    const file = damage(home, name, '{"version": 1, ')
    expect(await findingAt(home)).toMatchObject({
      what: `The practice cloud can’t use the file with ${holds}: ${file}.`,
      why: 'It is not JSON.',
      remedy: { run: ['flasklab practice stop', `mv ${file} ${file}.damaged`] },
    })
    await until('nothing runs', () => daemonsOf(home).length === 0)
    expect(readFileSync(file, 'utf8')).toBe('{"version": 1, ')
  })

  test('is got rid of by the commands that are named, also while the cloud runs', async () => {
    const home = openHome()
    const client = await startPractice(home, true)
    const { pid } = await client.about()
    damage(home, 'service.json', 'damaged')
    const finding = await findingAt(home)
    expect(finding?.remedy.run?.[0]).toEqual('flasklab practice stop')
    expect(await stopPractice(home)).toBe(true)
    expect(isAlive(pid)).toBe(false)
    execFileSync('sh', ['-c', finding?.remedy.run?.[1] ?? 'false'])
    expect((await (await startPractice(home, true)).about()).pid).not.toBe(pid)
  })
})

describe('where nothing can be written', () => {
  /** Stands for a full disk: what is to be written first finds a folder in its place. */
  async function fill(home: string, client: PracticeClient) {
    const inTheWay = join(home, `practice/cloud.json.${(await client.about()).pid}.new`)
    mkdirSync(inTheWay)
    return { free: () => rmSync(inTheWay, { recursive: true }) }
  }
  const stateOf = (home: string) => readFileSync(join(home, 'practice/cloud.json'), 'utf8')

  test('a change is answered with an internal error and not begun, and works once there is room', async () => {
    const home = openHome()
    const client = await startPractice(home, true)
    const [ec2, rds] = [ec2Of(client), rdsOf(client)]
    await makeGroup(ec2, 'before')
    const disk = await fill(home, client)
    await expect(makeGroup(ec2, 'during')).rejects.toMatchObject({
      Code: 'InternalError',
      $metadata: { httpStatusCode: 500 },
    })
    await expect(rds.send(createDatabase())).rejects.toMatchObject({
      Code: 'InternalFailure',
      $metadata: { httpStatusCode: 500 },
    })
    expect(await groupNames(ec2)).toEqual(['before', 'default'])
    await expect(databaseOf(rds)).rejects.toThrow('not found')
    disk.free()
    await makeGroup(ec2, 'after')
    expect(stateOf(home)).toContain('"name": "after"')
  })

  test('a change that comes meanwhile is saved as soon as there is room, without being asked', async () => {
    const home = openHome()
    const client = await startPractice(home, true)
    const ec2 = ec2Of(client)
    const id = await launch(ec2)
    const disk = await fill(home, client)
    await until('it runs', async () => (await instanceOf(ec2, id)).State?.Name === 'running')
    expect(stateOf(home)).toContain('"state": "pending"')
    disk.free()
    await until('the disk has it', () => stateOf(home).includes('"state": "running"'))
  })

  test('the cloud goes on without its logs', async () => {
    const home = openHome()
    for (const name of ['cloud.log', 'requests.log']) mkdirSync(join(placesIn(home).root, name))
    const client = await startPractice(home, true)
    const { pid } = await client.about()
    await makeGroup(ec2Of(client), 'unlogged')
    await launch(ec2Of(client))
    expect((await client.about()).pid).toBe(pid)
  })

  test('a cloud whose folder was removed is stopped all the same', async () => {
    const home = openHome()
    const client = await startPractice(home, true)
    const { pid } = await client.about()
    rmSync(home, { recursive: true })
    expect((await client.about()).pid).toBe(pid)
    expect(await stopPractice(home)).toBe(true)
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(home)).toBe(false)
  })
})

test('a cloud whose service file is lost is not joined by a second one', async () => {
  const home = openHome()
  const { pid } = await (await startPractice(home, true)).about()
  rmSync(join(home, 'practice/service.json'))
  const error = await startPractice(home, true).catch((caught: PracticeTrouble) => caught)
  expect(error).toMatchObject({ trouble: { kind: 'out-of-reach', pid } })
  expect(daemonsOf(home)).toEqual([pid])
  expect(await stopPractice(home)).toBe(true)
  expect(daemonsOf(home)).toEqual([])
})

describe('a control request', () => {
  const now = () => Math.floor(Date.now() / 1000)

  async function send(
    client: PracticeClient,
    path: string,
    second: number | string,
    signature: string,
    headers = {},
    method = 'GET',
  ) {
    const url = `http://127.0.0.1:${client.service.port}${path}`
    const response = await fetch(url, {
      method,
      headers: { authorization: `${second} ${signature}`, ...headers },
    })
    return response.status
  }

  test('is obeyed only with a fresh signature of this very request, and never for a web page', async () => {
    const home = openHome()
    const client = await startPractice(home, true)
    const { controlSecret } = client.service
    const sign = (path: string, second: number, method = 'GET') =>
      signControl(controlSecret, method, path, second)
    const about = '/-/about'
    expect(await send(client, about, now(), sign(about, now()))).toBe(200)
    const refused = {
      unsigned: await send(client, about, '', ''),
      'signed by another key': await send(client, about, now(), signControl('another', 'GET', about, now())),
      'signed long ago': await send(client, about, now() - 61, sign(about, now() - 61)),
      'signed for later': await send(client, about, now() + 90, sign(about, now() + 90)),
      'signed at no time': await send(client, about, 'soon', sign(about, Number.NaN)),
      'signed for another path': await send(client, '/-/reach', now(), sign(about, now())),
      'signed for another method': await send(client, '/-/stop', now(), sign('/-/stop', now()), {}, 'POST'),
      'from a web page': await send(client, about, now(), sign(about, now()), {
        origin: 'http://example.com',
      }),
    }
    expect(Object.entries(refused).filter(([, status]) => status !== 403)).toEqual([])
    expect(await send(client, '/-/unknown', now(), sign('/-/unknown', now()))).toBe(404)
    expect((await client.about()).pid).toBeGreaterThan(0)
  })

  test('for an address or a port that is none is refused', async () => {
    const home = openHome()
    const client = await startPractice(home, true)
    const { controlSecret } = client.service
    const answerTo = (address: string, port: string) => {
      const path = `/-/reach?${new URLSearchParams({ address, port })}`
      return send(client, path, now(), signControl(controlSecret, 'GET', path, now()))
    }
    for (const port of ['0', '65536', '22.5', '', 'ssh']) expect(await answerTo('localhost', port)).toBe(400)
    for (const address of ['', 'two words', '<script>']) expect(await answerTo(address, '22')).toBe(400)
    for (const address of ['localhost', '198.51.100.10', '::1'])
      expect(await answerTo(address, '22')).toBe(200)
  })

  test('replaces the key: the former one is unknown then, and the file of the service has the new one', async () => {
    const home = openHome()
    const former = await startPractice(home, true)
    await former.changeLaptop({ credentials: 'expired' })
    await former.replaceKey()
    const present = await startPractice(home, true)
    const ask = (client: PracticeClient) =>
      refusal(new STSClient(config(client)).send(new GetCallerIdentityCommand({})))
    expect(await ask(former)).toMatch(/^InvalidClientTokenId/)
    expect(await ask(present)).toBe('accepted')
    expect((await former.about()).laptop.credentials).toBe('valid')
  })

  test('that fails is answered with the reason', async () => {
    const plane = openDataPlane()
    const { id, publicAddress } = addInstance(plane)
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    plane.cloud.state.ports[`${id}:22`] = portOf(taken)
    const secret = 'secret'
    const unused = {
      authorityCertificate: '',
      sessions: new Set<number>(),
      faults: createFaults(),
      isKept: () => false,
      keep: () => {},
      replaceKey: () => {},
      stop: () => {},
    }
    const server = createHttpServer((request, response) => {
      void answerControl({ ...unused, cloud: plane.cloud, gateway: plane.gateway, secret }, request, response)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      taken.close()
      server.close()
    })
    const path = `/-/reach?address=${publicAddress}&port=22`
    const headers = {
      authorization: `${now()} ${signControl(secret, 'GET', path, now())}`,
      connection: 'close',
    }
    const response = await fetch(`http://127.0.0.1:${portOf(server)}${path}`, { headers })
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 500,
      body: { error: expect.stringContaining('EADDRINUSE') },
    })
  })
})

const portOf = (server: Server) => (server.address() as AddressInfo).port

describe('leaving', () => {
  test('stops a cloud that was started for a lab, once nothing is left of it', async () => {
    const home = openHome()
    const client = await startPractice(home, false)
    const ec2 = ec2Of(client)
    const GroupId = await makeGroup(ec2, 'web')
    const { pid } = await client.about()
    await client.leave()
    expect(isAlive(pid)).toBe(true)
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId }))
    await client.leave()
    expect(isAlive(pid)).toBe(false)
  })

  test('does not stop one under another command, which may not have made anything yet, until that is gone', async () => {
    const home = openHome()
    const client = await startPractice(home, false)
    const { pid } = await client.about()
    const program = new URL('../../dist/practice/client.js', import.meta.url).href
    const script = `
      import { startPractice } from ${JSON.stringify(program)}
      await (await startPractice({ home: process.argv[1], kept: false, env: process.env })).enter()
      console.log('entered')
      setInterval(() => {}, 1000)`
    const other = spawn(process.execPath, ['--input-type=module', '--eval', script, home], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void other.kill('SIGKILL'))
    await once(other.stdout, 'data')
    await client.leave()
    expect(isAlive(pid)).toBe(true)
    other.kill('SIGKILL')
    await once(other, 'exit')
    await client.leave()
    expect(isAlive(pid)).toBe(false)
  })

  test('does not stop one that was started to stay', async () => {
    const home = openHome()
    const client = await startPractice(home, false)
    await startPractice(home, true)
    expect((await client.about()).kept).toBe(true)
    await client.leave()
    expect(await findPractice(home)).toBeDefined()
  })
})

async function groupNames(ec2: EC2Client): Promise<unknown[]> {
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand())
  return SecurityGroups.map((group) => group.GroupName).sort()
}
