import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { probeIsolation } from '../../src/practice/namespaces/isolation.ts'
import { type Machine, startMachine } from '../../src/practice/namespaces/machine.ts'
import { openRouter, type Router } from '../../src/practice/namespaces/router-link.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

// The router is a program of its own, so what is built is tested.
const ROUTER = join(import.meta.dirname, '../../dist/practice/namespaces/router.js')
const built = (name: string) =>
  pathToFileURL(join(import.meta.dirname, '../../dist/practice/namespaces', `${name}.js`)).href
const isolation = probeIsolation()
const suite = isolation.isPossible ? describe : describe.skip

const LAPTOP = '203.0.113.7'
const [NEAR, FAR] = ['172.31.5.10', '172.31.5.11']
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/home/ec2-user' }

suite(`machines of namespaces${isolation.isPossible ? '' : ` (not run: ${isolation.why})`}`, () => {
  let folder: ReturnType<typeof tempFolder>
  let router: Router
  let near: Machine
  let far: Machine

  beforeAll(async () => {
    folder = tempFolder()
    router = await openRouter(() => {}, ROUTER)
    const disk = (name: string) => join(folder.path, 'Jörg Müller', name)
    near = await startMachine({ folder: disk('near'), number: 1, privateAddress: NEAR }, router)
    far = await startMachine({ folder: disk('far'), number: 2, privateAddress: FAR }, router)
  })

  afterAll(async () => {
    await router.close()
    folder[Symbol.dispose]()
  })

  function begin(machine: Machine, line: string, who?: 'root'): ChildProcess {
    const [program, ...words] = machine.inside(['bash', '-c', line], who)
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT })
    onTestFinished(() => void child.kill('SIGKILL'))
    return child
  }

  async function type(machine: Machine, line: string, who?: 'root') {
    const child = begin(machine, line, who)
    const [stdout, stderr, [code]] = await Promise.all([
      child.stdout ? text(child.stdout) : '',
      child.stderr ? text(child.stderr) : '',
      once(child, 'exit'),
    ])
    return { code, stdout: stdout.trim(), stderr: stderr.trim() }
  }

  /** Python, which knows nothing of us, answers each connection with who has come. */
  async function answerOn(machine: Machine, address: string, port: number): Promise<void> {
    const program = `
import socket
server = socket.create_server(('${address}', ${port}))
print('listens', flush=True)
while True:
    connection, peer = server.accept()
    connection.sendall(peer[0].encode())
    connection.close()`
    const child = begin(machine, `exec python3 -c "${program.replaceAll('"', '\\"')}"`)
    if (child.stdout) await once(child.stdout, 'data')
  }

  const said = async (from: string, to: string, port: number) => text(await router.dial(from, to, port))

  test('a session is ec2-user’s, on a machine with a name and processes of its own', async () => {
    expect(
      await type(near, 'id -un; id -u; hostname; pwd; ps -eo comm= | sort -u; cat /etc/hostname'),
    ).toEqual({
      code: 0,
      stdout: 'ec2-user\n1000\nip-172-31-5-10\n/home/ec2-user\nbash\nps\nsh\nsleep\nsort\nip-172-31-5-10',
      stderr: '',
    })
  })

  test('it sees no file of the laptop but programs and libraries, and changes none of them', async () => {
    const secret = join(folder.path, 'secret')
    writeFileSync(secret, 'of the laptop')
    const seen = await type(
      near,
      `cat '${secret}'; ls /work /home /root "$HOME" 2>&1; touch /usr/x /etc/x /usr/lib/x`,
    )
    expect(seen.stdout).not.toContain('of the laptop')
    expect(seen.stderr).toContain('No such file')
    for (const path of ['/usr/x', '/usr/lib/x'])
      expect(seen.stderr).toContain(`'${path}': Read-only file system`)
    expect(seen.stderr).toContain("'/etc/x': Permission denied")
    expect(await type(near, 'echo 1 >/proc/sys/vm/swappiness')).toMatchObject({ code: 1 })
  })

  test('its files are in its folder, and outlive it', async () => {
    await type(near, 'echo kept >~/file; echo gone >/tmp/file')
    const home = join(folder.path, 'Jörg Müller', 'near', 'home', 'ec2-user')
    expect(readFileSync(join(home, 'file'), 'utf8')).toBe('kept\n')
    expect(readFileSync(near.outside('/tmp/file'), 'utf8')).toBe('gone\n')
    expect(existsSync('/tmp/file')).toBe(false)
  })

  test('programs that a server lacks at first are not there, though the laptop has them', async () => {
    const wanted =
      'for each in node npm pip3 mysql sudo dnf; do command -v $each; done; command -v python3 bash'
    expect((await type(near, wanted)).stdout).toBe('/usr/bin/python3\n/usr/bin/bash')
  })

  test('root is another user of the same machine', async () => {
    expect(
      await type(near, 'id -un; pwd; touch /etc/made-by-root && ls /etc/made-by-root', 'root'),
    ).toMatchObject({
      code: 0,
      stdout: 'root\n/root\n/etc/made-by-root',
    })
    expect((await type(near, 'cat /etc/made-by-root; rm -f /etc/made-by-root')).code).not.toBe(0)
  })

  test('an exit code, a signal and the end of whoever began a program get through', async () => {
    expect((await type(near, 'exit 7')).code).toBe(7)
    const child = begin(near, 'sleep 1234')
    await until('it runs', async () => (await type(near, 'pgrep -x sleep -a')).stdout.includes('1234'))
    child.kill('SIGKILL')
    await until('it has ended', async () => !(await type(near, 'pgrep -x sleep -a')).stdout.includes('1234'))
  })

  test('a program that listens on every address is reached, and sees who has come', async () => {
    await answerOn(far, '0.0.0.0', 5000)
    expect(await said(LAPTOP, FAR, 5000)).toBe(LAPTOP)
    expect(await said(NEAR, FAR, 5000)).toBe(NEAR)
  })

  test('one that listens on its loopback address only is not, nor is nobody', async () => {
    await answerOn(far, '127.0.0.1', 5001)
    await expect(said(LAPTOP, FAR, 5001)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(said(LAPTOP, FAR, 5002)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('two machines listen on one port, and neither on any of the laptop', async () => {
    for (const machine of [near, far]) await answerOn(machine, '0.0.0.0', 6000)
    expect(await Promise.all([said(LAPTOP, NEAR, 6000), said(LAPTOP, FAR, 6000)])).toEqual([LAPTOP, LAPTOP])
    const listening = readFileSync('/proc/net/tcp', 'utf8').match(/:1770 00000000:0000 0A/g)
    expect(listening).toBeNull()
  })

  test('a connection from a machine comes to the daemon, with both addresses', async () => {
    const server: Server = await router.listen(FAR, 7000)
    onTestFinished(() => void server.close())
    await near.allow([{ address: FAR, from: 7000, to: 7000 }])
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const dialled = type(
      near,
      `python3 -c "import socket; print(socket.create_connection(('${FAR}', 7000), 5).recv(9))"`,
    )
    const [socket] = await accepted
    const { localAddress, localPort, remoteAddress } = socket
    socket.end('hello')
    expect({ localAddress, localPort, remoteAddress }).toEqual({
      localAddress: FAR,
      localPort: 7000,
      remoteAddress: NEAR,
    })
    expect((await dialled).stdout).toBe("b'hello'")
  })

  test('it is refused where it may dial and nobody listens; elsewhere its packets vanish', async () => {
    await near.allow([{ address: FAR, from: 7990, to: 7999 }])
    await near.allow([{ address: FAR, from: 8000, to: 8001 }])
    const dial = (port: number) =>
      type(near, `python3 -c "import socket; socket.create_connection(('${FAR}', ${port}), 1)"`)
    expect((await dial(8000)).stderr).toContain('ConnectionRefusedError')
    for (const vanishing of [7999, 8002]) expect((await dial(vanishing)).stderr).toContain('timed out')
  })

  test('the laptop’s own ports are out of reach', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const dial = `python3 -c "import socket; socket.create_connection(('127.0.0.1', ${port}), 1)"`
    expect((await type(near, dial)).stderr).toContain('ConnectionRefusedError')
  })

  test('a thousand connections at once are served without a reset', async () => {
    await answerOn(far, '0.0.0.0', 5003)
    const all = await Promise.all(Array.from({ length: 1_000 }, () => said(LAPTOP, FAR, 5003)))
    expect(all.filter((peer) => peer !== LAPTOP)).toEqual([])
  })

  test('a machine that ends takes all its processes along; with the router all end', async () => {
    const own = await openRouter(() => {}, ROUTER)
    const plan = (number: number) => ({
      folder: join(folder.path, `own-${number}`),
      number,
      privateAddress: `172.31.6.${number}`,
    })
    const [first, second] = [await startMachine(plan(1), own), await startMachine(plan(2), own)]
    const [one, two] = [begin(first, 'sleep 1000'), begin(second, 'sleep 1000')]
    const over = once(one, 'exit')
    await first.end()
    await over
    expect(existsSync(`/proc/${second.pid}`)).toBe(true)
    const again = await startMachine(plan(1), own)
    expect((await type(again, 'echo up')).stdout).toBe('up')
    const alsoOver = once(two, 'exit')
    process.kill(own.pid, 'SIGKILL')
    await alsoOver
    await until('they have ended', async () => ![again, second].some(({ pid }) => existsSync(`/proc/${pid}`)))
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain('own-1')
  })

  // A second user needs root to become one.
  test.skipIf(process.getuid?.() !== 0)('an ordinary user makes them, too', async () => {
    const home = join(folder.path, 'user')
    mkdirSync(home)
    chownSync(folder.path, 1234, 1234)
    chownSync(home, 1234, 1234)
    const program = `
      const { openRouter } = await import(${JSON.stringify(built('router-link'))})
      const { startMachine } = await import(${JSON.stringify(built('machine'))})
      const { execFileSync } = await import('node:child_process')
      const router = await openRouter(console.error)
      const plan = { folder: ${JSON.stringify(join(home, 'm'))}, number: 1, privateAddress: '172.31.5.10' }
      const machine = await startMachine(plan, router)
      const [file, ...words] = machine.inside(['id', '-un'])
      console.log(execFileSync(file, words, { encoding: 'utf8', env: ${JSON.stringify(ENVIRONMENT)} }).trim())
      const [again, ...asRoot] = machine.inside(['id', '-un'], 'root')
      console.log(execFileSync(again, asRoot, { encoding: 'utf8', env: ${JSON.stringify(ENVIRONMENT)} }).trim())
      await router.close()
      process.exit(0)`
    const words = ['--reuid', '1234', '--regid', '1234', '--clear-groups', process.execPath]
    const ran = spawnSync('setpriv', [...words, '--input-type=module', '-e', program], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: home },
    })
    expect(ran).toMatchObject({ status: 0, stdout: 'ec2-user\nroot\n' })
  })
})
