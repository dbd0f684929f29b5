import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Disk } from '../../src/practice/machine/disk.ts'
import { createServices, type Services } from '../../src/practice/machine/services.ts'
import { type SshServer, startSshServer } from '../../src/practice/machine/ssh-server.ts'
import {
  addGroup,
  addInstance,
  type DataPlane,
  diskOf,
  installNode,
  LAPTOP,
  makeDataPlane,
  rule,
  writeProgram,
} from '../support/data-plane.ts'
import { until } from '../support/until.ts'

let plane: DataPlane
let disk: Disk
let server: SshServer
let services: Services
let port: number
const key = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
const PROMPT = '[ec2-user@ip-172-31-0-10 ~]$ '

// The service as the lab makes it, and what a student types to look at it.
beforeAll(async () => {
  plane = makeDataPlane()
  const group = addGroup(plane, [rule('ingress', 22, `${LAPTOP}/32`)])
  const instance = addInstance(plane, { groupIds: [group.id], privateAddress: '172.31.0.10' })
  disk = diskOf(plane, instance)
  services = createServices(disk)
  await services.boot()
  server = await startSshServer(
    disk,
    disk.hostKeys(),
    () => key.public,
    () => Promise.reject(),
  )
  port = await plane.gateway.open(instance.id, 22)
  await installNode(disk)
  const app = `
    console.log('listening on 5000')
    require('node:http').createServer((_, answer) => answer.end('{"app":"ok"}')).listen(5000, '0.0.0.0')`
  const node = join(disk.home, '../../usr/bin/node-22')
  const unit = `[Unit]\nDescription=FlaskLoginApp\n[Service]\nExecStart=${node} ${writeProgram(disk, 'app.js', app)}\n`
  await services.run(['enable', '--now', writeProgram(disk, 'flasklogin.service', unit)])
  await services.run([
    'enable',
    '--now',
    writeProgram(disk, 'other.service', '[Service]\nExecStart=/bin/echo hello from the other\n'),
  ])
})
afterAll(async () => {
  server.close()
  await services.shutDown()
  await plane.remove()
})

async function connect(): Promise<ssh2.Client> {
  const client = new ssh2.Client()
  onTestFinished(() => void client.destroy())
  client.connect({ host: '127.0.0.1', port, username: 'ec2-user', privateKey: key.private })
  await once(client, 'ready')
  return client
}

/** A terminal that lines are typed into; each is answered with what the screen shows until the next prompt. */
async function shell() {
  const client = await connect()
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
    client.shell({ term: 'xterm-256color', cols: 200, rows: 50 }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    ),
  )
  let screen = ''
  channel.setEncoding('utf8').on('data', (shown: string) => {
    screen += shown
  })
  const prompted = () => until(`a prompt after ${JSON.stringify(screen)}`, () => screen.endsWith(PROMPT))
  await prompted()
  return async (line: string) => {
    screen = ''
    channel.write(`${line}\n`)
    await until(`the echo of ${line}`, () => screen.includes('\r\n'))
    await prompted()
    // Bash takes bracketed paste off while a command runs.
    const [, ...lines] = screen.replaceAll('\u001b[?2004l\r', '').split('\r\n')
    return lines.slice(0, -1).join('\n')
  }
}

test.each([
  [
    'systemctl status flasklogin',
    /^● flasklogin\.service - FlaskLoginApp\n +Loaded: loaded .*\n +Active: active \(running\) .*\n +Main PID: \d+ .*\n\n.*Started/,
  ],
  ['sudo systemctl restart flasklogin && echo done', /^done$/],
  ['systemctl is-active flasklogin', /^active$/],
  ['journalctl -u flasklogin -n 5', /ip-172-31-0-10 node-22\[\d+\]: listening on 5000/],
  [
    'journalctl',
    /hello from the other\n[\s\S]*listening on 5000|listening on 5000\n[\s\S]*hello from the other/,
  ],
  ['until curl -s localhost:5000/health; do :; done; echo', /^{"app":"ok"}$/],
  [
    'sudo dnf install -y no-such-editor; echo code=$?',
    /^No match for argument: no-such-editor\nError: .*\ncode=1$/,
  ],
])('typed into a terminal, %s shows its output', async (line, expected) => {
  await until('the app listens', async () =>
    (await services.run(['status', 'flasklogin'])).stdout.includes('listening'),
  )
  const type = await shell()
  for (let round = 1; round <= 5; round += 1) {
    await until(`${line} shows it`, async () => expected.test(await type(line)))
  }
})

describe('a command with a terminal of its own', () => {
  async function exec(command: string): Promise<ssh2.ClientChannel> {
    const client = await connect()
    return new Promise((resolve, reject) =>
      client.exec(command, { pty: true }, (error, opened) => (error ? reject(error) : resolve(opened))),
    )
  }

  test('shows what it says, however little', async () => {
    for (let round = 1; round <= 10; round += 1) {
      expect(await text(await exec('systemctl is-active flasklogin'))).toBe('active\r\n')
    }
  })

  test('shows what it says, however much', async () => {
    const lines = (await text(await exec('seq 300000'))).trimEnd().split('\r\n')
    expect({ lines: lines.length, last: lines.at(-1) }).toEqual({ lines: 300_000, last: '300000' })
  })
})
