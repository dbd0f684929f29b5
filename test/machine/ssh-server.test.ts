import { execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Disk } from '../../src/practice/machine/disk.ts'
import { type SshServer, startSshServer } from '../../src/practice/machine/ssh-server.ts'
import { openSocketName } from '../../src/practice/network/socket-names.ts'
import { isAlive } from '../../src/practice/processes.ts'
import type { Database, Instance, SecurityGroup } from '../../src/practice/state.ts'
import {
  addDatabase,
  addGroup,
  addInstance,
  type DataPlane,
  diskOf,
  LAPTOP,
  makeDataPlane,
  rule,
} from '../support/data-plane.ts'
import { until } from '../support/until.ts'

let plane: DataPlane
let instance: Instance
let database: Database
let guard: SecurityGroup
let disk: Disk
let server: SshServer
let port: number
let keyFile: string
const key = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
const otherKey = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
const leaky = ['AWS_SECRET_ACCESS_KEY', 'MYSQL_PWD', 'LAPTOP_SECRET']

beforeAll(async () => {
  for (const name of leaky) process.env[name] = 'of the laptop'
  plane = makeDataPlane()
  const web = addGroup(plane, [rule('ingress', 22, `${LAPTOP}/32`)])
  guard = addGroup(plane)
  instance = addInstance(plane, { groupIds: [web.id] })
  database = addDatabase(plane, { groupIds: [guard.id] })
  disk = diskOf(plane, instance)
  server = await startSshServer(
    disk,
    disk.hostKeys(),
    () => key.public,
    (host, to, gone) => plane.gateway.dial({ kind: 'instance', instance }, host, to, gone),
  )
  port = await plane.gateway.open(instance.id, 22)
  keyFile = join(plane.home, 'key.pem')
  writeFileSync(keyFile, key.private, { mode: 0o600 })
})

afterAll(async () => {
  for (const name of leaky) delete process.env[name]
  server.close()
  await plane.remove()
})

async function connect(wish: ssh2.ConnectConfig = {}): Promise<ssh2.Client> {
  const client = new ssh2.Client()
  onTestFinished(() => void client.destroy())
  client.on('error', () => {})
  client.connect({ host: '127.0.0.1', port, username: 'ec2-user', privateKey: key.private, ...wish })
  await once(client, 'ready')
  return client
}

function exec(
  client: ssh2.Client,
  command: string,
  options: ssh2.ExecOptions = {},
): Promise<ssh2.ClientChannel> {
  return new Promise((resolve, reject) =>
    client.exec(command, options, (error, channel) => (error ? reject(error) : resolve(channel))),
  )
}

interface Ran {
  readonly exit: unknown
  readonly stdout: string
  readonly stderr: string
}

/** Listens from the first moment on: a quick command's exit may come in the same packet as the word that it has begun. */
async function run(command: string, stdin = ''): Promise<Ran> {
  const client = await connect()
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error)
      const exited = new Promise((tell) =>
        channel.once('exit', (...[code, signal]: unknown[]) => tell(code ?? signal)),
      )
      channel.end(stdin)
      const all = Promise.all([exited, text(channel), text(channel.stderr)])
      resolve(all.then(([exit, stdout, stderr]) => ({ exit, stdout, stderr })))
    })
  })
}

const refusal = (wish: ssh2.ConnectConfig) =>
  connect(wish).then(
    () => 'let in',
    (error: Error) => error.message,
  )

describe('the door', () => {
  test('opens for ec2-user with the key of the instance, and shows the host key of its disk', async () => {
    let shown = ''
    const client = await connect({
      hostVerifier: (blob: Buffer) => {
        shown = blob.toString('base64')
        return true
      },
    })
    expect(client).toBeDefined()
    expect(disk.hostKeys()[0]?.publicLine.split(' ')[1]).toBe(shown)
  })

  test('opens for each of the authorized keys, as they are when somebody knocks', async () => {
    let authorized = `# mine\n${otherKey.public}\n${key.public}\n`
    const other = addInstance(plane, { groupIds: instance.groupIds })
    const reading = await startSshServer(
      diskOf(plane, other),
      disk.hostKeys(),
      () => authorized,
      () => Promise.reject(),
    )
    onTestFinished(() => reading.close())
    const at = { port: await plane.gateway.open(other.id, 22) }
    expect(await refusal(at)).toBe('let in')
    authorized = `${otherKey.public}\n`
    expect(await refusal(at)).toBe('All configured authentication methods failed')
  })

  test.each([
    ['another key', { privateKey: otherKey.private }],
    ['another user', { username: 'root' }],
    ['a password', { privateKey: '', password: 'secret' }],
  ])('stays shut for %s', async (_, wish) => {
    expect(await refusal(wish)).toBe('All configured authentication methods failed')
  })

  test('stays shut where the instance was launched without a key pair', async () => {
    const bare = addInstance(plane, { groupIds: instance.groupIds })
    const shut = await startSshServer(
      diskOf(plane, bare),
      disk.hostKeys(),
      () => '',
      () => Promise.reject(),
    )
    onTestFinished(() => shut.close())
    expect(await refusal({ port: await plane.gateway.open(bare.id, 22) })).toBe(
      'All configured authentication methods failed',
    )
  })
})

describe('a command', () => {
  test('tells its exit code, stdout and stderr', async () => {
    expect(await run('echo out; echo err >&2; exit 7')).toEqual({ exit: 7, stdout: 'out\n', stderr: 'err\n' })
  })

  test('that is killed tells the signal', async () => {
    expect(await run('kill -TERM $$')).toMatchObject({ exit: 'SIGTERM' })
  })

  test('reads stdin to its end', async () => {
    expect(await run('wc -c', 'x'.repeat(300_000))).toMatchObject({ exit: 0, stdout: '300000\n' })
  })

  test('that does not read its stdin ends nevertheless', async () => {
    expect(await run('exit 3', 'x'.repeat(3_000_000))).toMatchObject({ exit: 3 })
  })

  test.each([
    ['stdout', ''],
    ['stderr', ' >&2'],
  ] as const)('sends 5 MB on %s, whole', async (stream, redirect) => {
    const bytes = randomBytes(5_000_000)
    writeFileSync(join(disk.home, 'large'), bytes)
    const channel = await exec(await connect(), `cat large${redirect}`)
    if (stream === 'stderr') channel.resume()
    const received = await buffer(stream === 'stdout' ? channel : channel.stderr)
    expect(digest(received)).toBe(digest(bytes))
  })

  test('takes 5 MB on stdin, whole', async () => {
    const bytes = randomBytes(5_000_000)
    const channel = await exec(await connect(), 'cat >taken')
    channel.resume().end(bytes)
    await once(channel, 'close')
    expect(digest(readFileSync(join(disk.home, 'taken')))).toBe(digest(bytes))
  })

  test("runs in its own home and sees nothing of the laptop's environment", async () => {
    const { stdout } = await run('pwd; env')
    const [folder, ...lines] = stdout.trimEnd().split('\n')
    const names = lines.map((line) => line.split('=')[0])
    expect(folder).toBe(disk.home)
    expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(/AWS_|MYSQL|LAPTOP/)]))
    expect(names).toEqual(expect.arrayContaining(['HOME', 'PATH', 'USER', 'FLASKLAB_INSTANCE']))
  })

  test('takes no variables from the client', async () => {
    const client = await connect()
    const channel = await exec(client, 'printenv PATH_OF_CLIENT || echo none', {
      env: { PATH_OF_CLIENT: 'x' },
    })
    expect(await text(channel)).toBe('none\n')
  })

  test('several run at once on one connection', async () => {
    const client = await connect()
    const channels = await Promise.all([1, 2, 3].map((number) => exec(client, `cat; echo ${number}`)))
    for (const channel of channels) channel.end('hello ')
    expect(await Promise.all(channels.map((channel) => text(channel)))).toEqual([
      'hello 1\n',
      'hello 2\n',
      'hello 3\n',
    ])
  })
})

describe('when the connection is lost', () => {
  async function startAndLose(command: string): Promise<number> {
    const client = await connect()
    const channel = await exec(client, `echo $$; ${command}`)
    const [line] = await once(channel, 'data')
    client.destroy()
    return Number(String(line).split('\n')[0])
  }

  test('a command that writes to a file goes on', async () => {
    const pid = await startAndLose('while ! test -e go; do read -t 0.05 <> <(:); done; echo done >result')
    expect(isAlive(pid)).toBe(true)
    writeFileSync(join(disk.home, 'go'), '')
    await until('it has come to its end', () => existsSync(join(disk.home, 'result')) && !isAlive(pid))
    expect(readFileSync(join(disk.home, 'result'), 'utf8')).toBe('done\n')
  })

  test('a command that writes to the channel dies of it', async () => {
    const pid = await startAndLose('while echo more; do read -t 0.05 <> <(:); done')
    await until('it has ended', () => !isAlive(pid))
  })

  test('an interactive one is hung up', async () => {
    const client = await connect()
    const channel = await exec(client, 'echo pid=$$; exec cat', { pty: true })
    const [line] = await once(channel, 'data')
    client.destroy()
    const pid = Number(/\d+/.exec(String(line))?.[0])
    await until('it has ended', () => !isAlive(pid))
  })
})

describe('a terminal', () => {
  async function shell(size = { cols: 100, rows: 30 }) {
    const client = await connect()
    const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
      client.shell({ term: 'xterm-256color', ...size }, (error, opened) =>
        error ? reject(error) : resolve(opened),
      ),
    )
    let screen = ''
    channel.setEncoding('utf8').on('data', (shown: string) => {
      screen += shown
    })
    const shows = (what: string | RegExp) =>
      until(`the screen shows ${what}`, () =>
        typeof what === 'string' ? screen.includes(what) : what.test(screen),
      )
    await shows(PROMPT)
    return {
      channel,
      shows,
      type: (line: string) => {
        screen = ''
        channel.write(line)
      },
      screen: () => screen,
    }
  }
  const PROMPT = '[ec2-user@ip-172-31-0-10 ~]$ '

  test('shows the prompt of the server, and ends with the exit code of the shell', async () => {
    const { channel, type } = await shell()
    const exit = once(channel, 'exit')
    type('exit 4\n')
    expect((await exit)[0]).toBe(4)
  })

  test("has the size of the student's, also when that changes", async () => {
    const { channel, type, shows } = await shell({ cols: 91, rows: 33 })
    type('stty size; echo $TERM\n')
    await shows(/33 91\s+xterm-256color/)
    channel.setWindow(40, 120, 0, 0)
    type('stty size\n')
    await shows('40 120')
  })

  test('passes Ctrl-C on', async () => {
    const { type, shows } = await shell()
    type('sleep 1000\n')
    await shows('sleep 1000\r\n')
    type('\x03')
    await shows(PROMPT)
    type('echo code=$?\n')
    await shows('code=130')
  })

  test('passes letters beyond ASCII on, however they are cut', async () => {
    const { channel, type, shows } = await shell()
    type('echo ')
    const bytes = Buffer.from('größe-🐬')
    for (const byte of bytes) channel.write(Buffer.from([byte]))
    type('\n')
    await shows('größe-🐬\r\n')
  })

  test("has the server's programs, not the laptop's", async () => {
    const { type, shows, screen } = await shell()
    type('type node; type sudo; echo end=$?\n')
    await shows('end=0')
    expect(screen()).toContain('node: not found')
    expect(screen()).toContain('/stand-ins/sudo')
  })

  test('with output that nobody reads holds its program back until it is read', async () => {
    const { channel, type } = await shell()
    channel.pause()
    type('head -c 20000000 /dev/zero | tr "\\0" x; touch finished\n')
    const finished = join(disk.home, 'finished')
    await expect(until('it has written all', () => existsSync(finished), 2_000)).rejects.toThrow(
      'it has written all',
    )
    channel.resume()
    await until('it has written all', () => existsSync(finished))
  })

  test('tells the signal that killed its shell', async () => {
    const { channel, type } = await shell()
    const exit = once(channel, 'exit')
    type('kill -KILL $$\n')
    expect((await exit).slice(0, 2)).toEqual([null, 'SIGKILL'])
  })
})

describe('a tunnel', () => {
  let databasePort: number
  beforeEach(async () => {
    databasePort = await plane.gateway.open(database.resourceId, database.port)
    guard.rules = [rule('ingress', 3306, '172.31.0.10/32')]
  })

  const forward = async (to: number) => {
    const client = await connect()
    return new Promise<ssh2.ClientChannel>((resolve, reject) =>
      client.forwardOut('127.0.0.1', 1, 'localhost', to, (error, channel) =>
        error ? reject(error) : resolve(channel),
      ),
    )
  }

  function listenAs(id: string, name: string) {
    mkdirSync(plane.places.sockets(id), { recursive: true })
    const inside = createServer((socket) => socket.on('error', () => {}).pipe(socket))
    inside.listen(join(plane.places.sockets(id), name))
    onTestFinished(() => void inside.close())
    return once(inside, 'listening')
  }

  test("leads to the database as the server's own connection", async () => {
    await listenAs(database.resourceId, openSocketName(3306))
    const channel = await forward(databasePort)
    channel.end('hello')
    expect(await text(channel)).toBe('PROXY TCP4 172.31.0.10 127.0.0.1 50000 3306\r\nhello')
  })

  test('is refused where nobody listens', async () => {
    await expect(forward(databasePort)).rejects.toThrow('Channel open failure')
  })

  test('waits while the rules block it, and goes no further when its client is lost', async () => {
    await listenAs(database.resourceId, openSocketName(3306))
    guard.rules = []
    const logged = plane.logged.length
    const client = await connect()
    let outcome = 'none'
    client.forwardOut('127.0.0.1', 1, 'localhost', databasePort, (error) => {
      outcome = error ? 'refused' : 'open'
    })
    await until('it is blocked', () => plane.logged.length > logged)
    expect(outcome).toBe('none')
    client.destroy()
    expect(await run('echo the server lives')).toMatchObject({ stdout: 'the server lives\n' })
  })

  test("reaches what listens on the server's 127.0.0.1", async () => {
    await listenAs(instance.id, 'loopback-8080.sock')
    const channel = await forward(8080)
    channel.end('hello')
    expect(await text(channel)).toContain('hello')
  })
})

describe('OpenSSH', () => {
  const options = () => [
    ...['-F', 'none', '-i', keyFile, '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes'],
    ...['-o', `UserKnownHostsFile=${join(plane.home, 'known')}`, '-o', 'StrictHostKeyChecking=yes'],
  ]

  beforeEach(() => {
    const [line] = disk.hostKeys()
    writeFileSync(join(plane.home, 'known'), `[127.0.0.1]:${port} ${line?.publicLine}\n`)
  })

  test('logs in, checks the host key and tells the exit code', async () => {
    const child = spawn('ssh', [...options(), '-p', String(port), 'ec2-user@127.0.0.1', 'cat; exit 5'])
    child.stdin.end('from OpenSSH\n')
    const closed = once(child, 'close')
    const [said, complained, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed])
    expect({ said, complained, code }).toEqual({
      said: 'from OpenSSH\n',
      complained: '',
      code: 5,
    })
  })

  test('copies files both ways with the scp of before version 9', async () => {
    const bytes = randomBytes(100_000)
    const [there, back] = [join(plane.home, 'there'), join(plane.home, 'back')]
    writeFileSync(there, bytes)
    const copy = (from: string, to: string) =>
      finished('scp', ['-O', '-q', ...options(), '-P', String(port), from, to])
    expect(await copy(there, 'ec2-user@127.0.0.1:copied')).toBe('')
    expect(await copy('ec2-user@127.0.0.1:copied', back)).toBe('')
    expect(digest(readFileSync(join(disk.home, 'copied')))).toBe(digest(bytes))
    expect(digest(readFileSync(back))).toBe(digest(bytes))
  })

  test('is told that there is no such subsystem', async () => {
    const client = await connect()
    const opened = new Promise((resolve, reject) =>
      client.subsys('nonsense', (error, channel) => (error ? reject(error) : resolve(channel))),
    )
    await expect(opened).rejects.toThrow('Unable to start subsystem: nonsense')
  })

  test('opens a tunnel with -L', async () => {
    const socketName = join(plane.places.sockets(instance.id), openSocketName(9000))
    const inside = createServer((socket) => socket.on('error', () => {}).end('through the tunnel\n'))
    inside.listen(socketName)
    onTestFinished(() => void inside.close())
    const local = join(plane.home, 'tunnel.sock')
    const words = [
      ...options(),
      '-N',
      '-L',
      `${local}:localhost:9000`,
      '-p',
      String(port),
      'ec2-user@127.0.0.1',
    ]
    const child = spawn('ssh', words, { stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    await until('the tunnel stands', () => existsSync(local))
    expect(await text(createConnection({ path: local }))).toBe('through the tunnel\n')
  })
})

test('a closed server lets nobody in and drops who is there', async () => {
  const other = addInstance(plane, { groupIds: instance.groupIds })
  const closing = await startSshServer(
    diskOf(plane, other),
    disk.hostKeys(),
    () => key.public,
    () => Promise.reject(),
  )
  const otherPort = await plane.gateway.open(other.id, 22)
  const client = await connect({ port: otherPort })
  const gone = once(client, 'close')
  closing.close()
  await gone
  expect(await refusal({ port: otherPort })).toContain('ECONNRESET')
})

function finished(program: string, words: string[]): Promise<string> {
  return new Promise((resolve) =>
    execFile(program, words, (error, _, stderr) => resolve(error ? stderr : '')),
  )
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
