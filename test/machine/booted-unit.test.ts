import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { envFile } from '../../src/formats/env-file.ts'
import { restartService } from '../../src/host/commands.ts'
import { serviceUnit } from '../../src/host/service-unit.ts'
import { appFolder, environmentFor, startFlaskdb } from '../app-template/running-app.ts'
import type { TestDatabase } from '../support/mariadb.ts'
import { bootSystemd, type Systemd, whyNoSystemd } from '../support/systemd.ts'
import { until } from '../support/until.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 })

const home = '/home/ec2-user'
const project = `${home}/FlaskLoginApp`
const whyNot = await whyNoSystemd()

// The sandbox decides whether Node starts at all, and only systemd itself can tell.
const suite = whyNot === undefined ? describe : describe.skip
suite(`the unit under a real systemd${whyNot === undefined ? '' : ` (not run: ${whyNot})`}`, () => {
  let database: TestDatabase
  let systemd: Systemd
  let folder: string

  beforeAll(async () => {
    database = await startFlaskdb()
    folder = await appFolder(database.caFile)
    const settings = { ...environmentFor(database), HOST: '0.0.0.0', PORT: '5000' }
    await writeFile(join(folder, '.env'), envFile(settings))
    await writeFile(
      join(folder, 'flasklogin.service'),
      serviceUnit({ home, node: '/usr/bin/node-22' }, project),
    )
    // The folder as phase 3 leaves it: readable, but for the settings.
    systemd = await bootSystemd(`
      touch $R/usr/bin/node-22
      mount --bind ${process.execPath} $R/usr/bin/node-22
      mkdir -m 700 $R${home}
      cp -rL ${folder} $R${project}
      chmod -R u=rwX,go=rX $R${project}
      chmod 600 $R${project}/.env
      echo private >$R${home}/notes
      chown -R 1000:1000 $R${home}`)
    await bridgeToDatabase()
    const { code } = await systemd.run(`sudo() { "$@"; }; ${restartService}`)
    expect(code).toBe(0)
  })

  afterAll(async () => {
    await systemd?.remove()
    await database?.remove()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  /** Its network has no way out: what is sent to the database's port in there comes out at its socket here. */
  async function bridgeToDatabase(): Promise<void> {
    const socket = join(dirname(database.caFile), 'sock')
    const script = `
      const net = require('node:net')
      const { pipeline } = require('node:stream')
      const pass = (near) => {
        const far = net.connect(${JSON.stringify(socket)})
        pipeline(near, far, near, () => {})
      }
      net.createServer(pass).listen(${database.port}, '127.0.0.1', () => console.log('ready'))`
    const pid = String(await systemd.pid())
    const bridge = spawn('nsenter', ['-t', pid, '-n', process.execPath, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    process.once('exit', () => void bridge.kill())
    await once(bridge.stdout, 'data')
    bridges.push(bridge)
  }
  const bridges: { kill(): boolean }[] = []
  afterAll(() => {
    for (const bridge of bridges) bridge.kill()
  })

  const health = async () => {
    const { stdout } = await systemd.run('curl -s -m 5 http://127.0.0.1:5000/health')
    return stdout
  }
  const isWell = async () => (await health()) === '{"app":"ok","database":"ok"}'
  const show = async (property: string) =>
    (await systemd.run(`systemctl show flasklogin -p ${property} --value`)).stdout.trim()

  test('the app starts in its sandbox, listens everywhere and finds its database', async () => {
    await until('the app is well', isWell)
    expect(await show('ActiveState')).toBe('active')
    expect(await show('NRestarts')).toBe('0')
    const { stdout } = await systemd.run('journalctl -u flasklogin -o cat')
    expect(stdout).toContain('"message":"Running on http://0.0.0.0:5000"')
  })

  test('it is a user without a name or rights, who can neither get more nor call what he needs not', async () => {
    await until('the app is well', isWell)
    const { stdout } = await systemd.run(`cat /proc/${await show('MainPID')}/status`)
    const status = Object.fromEntries(stdout.split('\n').map((line) => line.split(':\t')))
    const [uid] = String(status['Uid']).split('\t')
    expect(Number(uid)).toBeGreaterThanOrEqual(61_184)
    expect(Number(uid)).toBeLessThanOrEqual(65_519)
    expect(status).toMatchObject({ CapEff: '0000000000000000', CapBnd: '0000000000000000' })
    expect(status).toMatchObject({ NoNewPrivs: '1', Seccomp: '2' })
  })

  test('it sees its project, without the passwords, and nothing else of the home; and it can write nothing there', async () => {
    await until('the app is well', isWell)
    const pid = await show('MainPID')
    const uid = (await systemd.run(`stat -c %u /proc/${pid}`)).stdout.trim()
    const asApp = (command: string) =>
      systemd.run(`nsenter -t ${pid} -m setpriv --reuid ${uid} --regid ${uid} --clear-groups ${command}`)
    expect((await asApp(`ls ${home}`)).stdout).toBe('FlaskLoginApp\n')
    expect((await asApp(`cat ${project}/package.json`)).code).toBe(0)
    expect((await asApp(`cat ${project}/.env`)).code).not.toBe(0)
    expect((await asApp(`touch ${project}/new`)).code).not.toBe(0)
    expect((await systemd.run(`nsenter -t ${pid} -m touch ${project}/new`)).code).not.toBe(0)
  })

  test('killed, it is started again', async () => {
    await until('the app is well', isWell)
    const pid = await show('MainPID')
    await systemd.run(`kill -9 ${pid}`)
    await until('another process is well', async () => (await show('MainPID')) !== pid && (await isWell()))
  })

  test('stopped, it says so and ends by itself', async () => {
    await until('the app is well', isWell)
    expect((await systemd.run('systemctl stop flasklogin')).code).toBe(0)
    expect(await show('Result')).toBe('success')
    const { stdout } = await systemd.run('journalctl -u flasklogin -o cat -n 20')
    expect(stdout).toContain('"message":"Stopping on SIGTERM"')
    expect((await systemd.run('systemctl start flasklogin')).code).toBe(0)
  })

  test('after a reboot it runs again', async () => {
    await systemd.reboot()
    await bridgeToDatabase()
    await until('the app is well', isWell)
    expect(await show('ActiveState')).toBe('active')
  })
})
