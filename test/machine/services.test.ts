import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Disk } from '../../src/practice/machine/disk.ts'
import { createServices, type Services } from '../../src/practice/machine/services.ts'
import { isAlive, signal } from '../../src/practice/processes.ts'
import {
  addInstance,
  type DataPlane,
  diskOf,
  makeDataPlane,
  type Ran,
  runOn,
  startOn,
  writeProgram,
} from '../support/data-plane.ts'
import { until } from '../support/until.ts'

interface Server {
  readonly disk: Disk
  readonly services: Services
  /** A line of bash as ec2-user types it. */
  type(line: string): Promise<Ran>
  /** Writes a unit whose program is a bash script, and tells the unit's path. */
  unit(script: string, settings?: string, name?: string): string
  pid(name?: string): Promise<number>
  journal(): Promise<string>
  reboot(): Promise<Services>
}

let plane: DataPlane
beforeAll(() => {
  plane = makeDataPlane()
})
afterAll(() => plane.remove())

async function openServer(): Promise<Server> {
  const disk = diskOf(plane, addInstance(plane, { privateAddress: '172.31.0.10' }))
  let services = createServices(disk)
  onTestFinished(() => services.shutDown())
  await services.boot()
  const type = (line: string) => runOn(disk, line)
  return {
    disk,
    get services() {
      return services
    },
    type,
    unit(script, settings = '', name = 'app') {
      const program = writeProgram(disk, `${name}.sh`, script)
      const text = `[Unit]\nDescription=the app\n[Service]\nExecStart=/bin/bash ${program}\n${settings}\n`
      return writeProgram(disk, `${name}.service`, text)
    },
    async pid(name = 'app') {
      const { stdout } = await services.run(['status', name])
      return Number(/Main PID: (\d+)/.exec(stdout)?.[1])
    },
    journal: async () => (await type('journalctl -u app')).stdout,
    async reboot() {
      await services.shutDown()
      services = createServices(disk)
      await services.boot()
      return services
    },
  }
}

const SLEEP = 'echo up; exec sleep 1000'

describe('systemctl', () => {
  test('enables a unit by its path, starts it, and tells so', async () => {
    const { type, unit } = await openServer()
    const path = unit(SLEEP)
    expect(await type('sudo systemctl is-enabled app')).toEqual({ code: 1, stdout: 'disabled\n', stderr: '' })
    expect(await type(`sudo systemctl enable "${path}" && sudo systemctl daemon-reload`)).toEqual({
      code: 0,
      stdout: '',
      stderr: `Created symlink /etc/systemd/system/multi-user.target.wants/app.service → ${path}.\n`,
    })
    expect(await type('systemctl is-enabled app')).toEqual({ code: 0, stdout: 'enabled\n', stderr: '' })
    expect(await type('systemctl is-active app')).toEqual({ code: 3, stdout: 'inactive\n', stderr: '' })
    expect(await type('sudo systemctl start app.service')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await type('systemctl is-active app')).toEqual({ code: 0, stdout: 'active\n', stderr: '' })
    expect(await type('systemctl is-active --quiet app')).toMatchObject({ code: 0 })
    expect(await type('systemctl show app --property=UnitFileState,ActiveState,MainPID')).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^MainPID=[1-9]\d*\nActiveState=active\nUnitFileState=enabled\n$/),
      stderr: '',
    })
    expect((await type('systemctl show app --property=ActiveState')).stdout).toBe('ActiveState=active\n')
    expect(await type('systemctl show other --property=UnitFileState,ActiveState,MainPID')).toEqual({
      code: 0,
      stdout: 'MainPID=0\nActiveState=inactive\nUnitFileState=\n',
      stderr: '',
    })
  })

  test('enables it again without a word', async () => {
    const { services, unit } = await openServer()
    const path = unit(SLEEP)
    await services.run(['enable', path])
    expect(await services.run(['enable', path])).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('enable --now starts, disable --now stops', async () => {
    const { services, unit, pid } = await openServer()
    await services.run(['enable', '--now', unit(SLEEP)])
    const started = await pid()
    expect(isAlive(started)).toBe(true)
    await services.run(['disable', '--now', 'app'])
    expect(isAlive(started)).toBe(false)
    expect(await services.run(['is-enabled', 'app'])).toMatchObject({ code: 1 })
  })

  test.each([
    ['start', 5],
    ['stop', 5],
    ['restart', 5],
    ['status', 4],
    ['enable', 1],
  ])('%s of a unit that is not there fails with %i', async (verb, code) => {
    const { services } = await openServer()
    await services.run(['is-active', 'nothing'])
    const reply = await services.run([verb, 'nothing'])
    expect(reply).toMatchObject({ code, stdout: '' })
    expect(reply.stderr).toMatch(/nothing\.service.*(not found|not be found|does not exist)/)
  })

  test('says which words it does not know', async () => {
    const { type } = await openServer()
    expect(await type('sudo systemctl hibernate')).toEqual({
      code: 1,
      stdout: '',
      stderr: "Unknown command verb 'hibernate' (on the practice server).\n",
    })
  })

  test('fails with a reason when something goes wrong inside', async () => {
    const { type, disk } = await openServer()
    mkdirSync(join(disk.units, 'odd.service'))
    const reply = await type('sudo systemctl start odd')
    expect(reply).toMatchObject({ code: 1, stdout: '' })
    expect(reply.stderr).toContain('Failed: EISDIR')
  })

  test('fails when the server is off', async () => {
    const { type, services } = await openServer()
    await services.shutDown()
    expect(await type('sudo systemctl start app')).toMatchObject({ code: 1 })
  })
})

describe('a service', () => {
  test('is restarted after kill -9 where its unit says always', async () => {
    const { services, unit, pid, journal } = await openServer()
    await services.run(['enable', '--now', unit(SLEEP, 'Restart=always\nRestartSec=50ms')])
    const first = await pid()
    signal(first, 'SIGKILL')
    await until('another one runs', async () => (await pid()) > 0 && (await pid()) !== first)
    expect(isAlive(await pid())).toBe(true)
    expect(await journal()).toContain('app.service: Main process exited: status=SIGKILL')
  })

  test.each([
    ['always', 0, true],
    ['on-failure', 0, false],
    ['on-failure', 3, true],
    ['no', 3, false],
  ])('with Restart=%s that exits with %i: restarted %s', async (restart, code, again) => {
    const { services, unit, disk } = await openServer()
    const path = unit(`echo x >>${disk.home}/runs; exit ${code}`, `Restart=${restart}\nRestartSec=20ms`)
    await services.run(['enable', '--now', path])
    const runs = () =>
      existsSync(`${disk.home}/runs`) ? readFileSync(`${disk.home}/runs`, 'utf8').length / 2 : 0
    const state = async () => (await services.run(['is-active', 'app'])).stdout.trim()
    if (again) return until('it has run three times', () => runs() >= 3)
    await until('it is over', async () => (await state()) === (code === 0 ? 'inactive' : 'failed'))
    expect(runs()).toBe(1)
  })

  test('that waits for its restart is activating, and stop ends that', async () => {
    const { services, unit } = await openServer()
    await services.run(['enable', '--now', unit('exit 1', 'Restart=always\nRestartSec=1h')])
    const state = async () => (await services.run(['is-active', 'app'])).stdout
    await until('it waits', async () => (await state()) === 'activating\n')
    expect((await services.run(['status', 'app'])).stdout).toContain(
      'activating (auto-restart) (Result: exit-code)',
    )
    await services.run(['stop', 'app'])
    expect(await state()).toBe('inactive\n')
  })

  test('is asked to end, and may say its last words', async () => {
    const { services, unit, journal } = await openServer()
    const path = unit('trap "seq 5000; echo bye; exit 0" TERM; echo up; while :; do sleep 0.02; done')
    await services.run(['enable', '--now', path])
    await until('it is up', async () => (await journal()).includes(': up'))
    await services.run(['stop', 'app'])
    expect(
      (await journal())
        .split('\n')
        .slice(-3)
        .map((line) => line.replace(/^\S+ \S+ /, '')),
    ).toEqual([
      expect.stringMatching(/^ip-172-31-0-10 bash\[\d+\]: bye$/),
      'ip-172-31-0-10 systemd[1]: Stopped app.service.',
      '',
    ])
  })

  test('that does not end in time is killed', async () => {
    const { services, unit, pid, journal } = await openServer()
    await services.run([
      'enable',
      '--now',
      unit('trap "" TERM; echo up; while :; do sleep 0.02; done', 'TimeoutStopSec=200ms'),
    ])
    await until('it is up', async () => (await journal()).includes(': up'))
    const main = await pid()
    const stopped = services.run(['stop', 'app'])
    expect(await services.run(['is-active', 'app'])).toMatchObject({ code: 3, stdout: 'deactivating\n' })
    await until('it is killed', () => !isAlive(main), 5_000)
    await stopped
  })

  test.each([
    ['is stopped', (services: Services, _pid: number) => services.run(['stop', 'app'])],
    ['is killed', async (_: Services, pid: number) => signal(pid, 'SIGKILL')],
  ])('that %s leaves nothing behind of what it had started', async (_, finish) => {
    const { services, unit, disk, pid } = await openServer()
    await services.run([
      'enable',
      '--now',
      unit(`(trap "" TERM; sleep 1000) & echo $! >${disk.home}/child; sleep 1000`),
    ])
    await until(
      'its child runs',
      () => existsSync(`${disk.home}/child`) && readFileSync(`${disk.home}/child`).length > 1,
    )
    const child = Number(readFileSync(`${disk.home}/child`, 'utf8'))
    expect(isAlive(child)).toBe(true)
    await finish(services, await pid())
    await until('its child is gone', () => !isAlive(child))
  })

  test('is restarted as one, however often it is asked for at once', async () => {
    const { services, unit, disk, pid } = await openServer()
    const script = `trap "sleep 0.1; rm ${disk.home}/lock; exit" TERM; mkdir ${disk.home}/lock || echo doubled; while :; do sleep 0.02; done`
    await services.run(['enable', '--now', unit(script.replace('rm ', 'rmdir '))])
    await until('it holds its lock', () => existsSync(`${disk.home}/lock`))
    const before = await pid()
    await Promise.all([1, 2, 3].map(() => services.run(['restart', 'app'])))
    expect(isAlive(before)).toBe(false)
    expect(isAlive(await pid())).toBe(true)
    await until('it holds its lock again', () => existsSync(`${disk.home}/lock`))
    await Promise.all([services.run(['stop', 'app']), services.run(['start', 'app'])])
    await until('it holds its lock once more', () => existsSync(`${disk.home}/lock`))
    await services.run(['stop', 'app'])
    expect((await services.run(['status', 'app'])).stdout).not.toContain('doubled')
  })

  test.each([
    [
      'whose folder is missing',
      'WorkingDirectory=/nowhere',
      'Failed at step CHDIR: /nowhere: status=200/CHDIR',
    ],
    ['whose program is missing', 'ExecStart=/no/such app.js', 'Failed to locate /no/such: status=203/EXEC'],
    [
      'whose environment file is missing',
      'EnvironmentFile=/no/.env',
      'Failed to load environment files: /no/.env: No such file or directory',
    ],
    [
      'whose environment file is a folder',
      'EnvironmentFile=/tmp',
      'Failed to load environment files: /tmp: Is a directory',
    ],
  ])('%s fails and says why', async (_, setting, why) => {
    const { services, type, unit } = await openServer()
    await services.run(['enable', '--now', unit('', setting)])
    expect(await services.run(['is-active', 'app'])).toMatchObject({ code: 3, stdout: 'failed\n' })
    const status = await type('systemctl status app --no-pager')
    expect(status).toMatchObject({ code: 3 })
    expect(status.stdout).toMatch(/Active: failed \(Result: (exit-code|resources)\)/)
    expect(status.stdout).toContain(why)
  })

  test('with a program that is not executable fails and says why', async () => {
    const { services, unit, disk } = await openServer()
    const program = writeProgram(disk, 'plain', '')
    chmodSync(program, 0o600)
    await services.run(['enable', '--now', unit('', `ExecStart=${program}`)])
    await until('it has failed', async () => (await services.run(['is-active', 'app'])).stdout === 'failed\n')
    expect((await services.run(['status', 'app'])).stdout).toContain('EACCES: status=203/EXEC')
  })

  test('has the environment of its unit and file, and none of ec2-user', async () => {
    const { services, unit, disk, journal } = await openServer()
    writeFileSync(`${disk.home}/.env`, 'RDS_PASSWORD="a$b\\"c#d"\nPORT=5000\n')
    const settings = `WorkingDirectory=${disk.home}\nEnvironment=PORT=1 "NAME=two words"\nEnvironmentFile=${disk.home}/.env\nEnvironmentFile=-/no/.env`
    await services.run([
      'enable',
      '--now',
      unit('pwd; echo "$RDS_PASSWORD|$PORT|$NAME|$HOME|$USER|$FLASKLAB_INSTANCE"', settings),
    ])
    const instanceId = disk.environment['FLASKLAB_INSTANCE']
    await until('it has said so', async () => (await journal()).includes(instanceId ?? 'no id'))
    expect(await journal()).toContain(`: a$b"c#d|5000|two words|/||${instanceId}\n`)
    expect(await journal()).toContain(`: ${disk.home}\n`)
  })
})

describe('a boot', () => {
  test('starts what is enabled and nothing else', async () => {
    const { services, unit, reboot } = await openServer()
    await services.run(['enable', unit(SLEEP)])
    await services.run(['enable', '--now', unit(SLEEP, '', 'other')])
    await services.run(['disable', 'other'])
    const after = await reboot()
    expect(await after.run(['is-active', 'app'])).toMatchObject({ stdout: 'active\n' })
    expect(await after.run(['is-active', 'other'])).toMatchObject({ stdout: 'inactive\n' })
  })

  test('goes on when a unit has been deleted', async () => {
    const { services, unit, reboot } = await openServer()
    const path = unit(SLEEP)
    await services.run(['enable', path])
    await services.run(['enable', unit(SLEEP, '', 'other')])
    rmSync(path)
    const after = await reboot()
    expect(await after.run(['is-active', 'other'])).toMatchObject({ stdout: 'active\n' })
    expect(await after.run(['start', 'app'])).toMatchObject({ code: 5 })
  })
})

describe('journalctl', () => {
  const lines = 'for n in 1 2 3 4 5; do echo line $n; done; exec sleep 1000'

  test.each([
    ['journalctl -u app -n 2', ['line 4', 'line 5']],
    ['sudo journalctl -u app.service --lines=1 --no-pager', ['line 5']],
    ['journalctl -n3 --unit=app', ['line 3', 'line 4', 'line 5']],
    ['journalctl -xeu app -n 1', ['line 5']],
    ['journalctl -u app -n 1 -o cat', ['line 5']],
  ])('%s', async (command, expected) => {
    const { services, type, unit, journal } = await openServer()
    await services.run(['enable', '--now', unit(lines)])
    await until('all lines are there', async () => (await journal()).includes('line 5'))
    const { stdout } = await type(command)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(-6)),
    ).toEqual(expected)
  })

  test('without a unit shows what all of them wrote, in the order of its time', async () => {
    const { type, disk } = await openServer()
    const write = (name: string, ...times: number[]) =>
      writeFileSync(
        join(disk.journal, `${name}.log`),
        times.map((second) => `2026-11-22 10:00:0${second} host ${name}[1]: at ${second}\n`).join(''),
      )
    write('app', 1, 3, 5)
    write('other', 2, 4)
    expect((await type('sudo journalctl --no-pager -o cat')).stdout).toBe('at 1\nat 2\nat 3\nat 4\nat 5\n')
    expect((await type('journalctl -n 2')).stdout).toBe(
      '2026-11-22 10:00:04 host other[1]: at 4\n2026-11-22 10:00:05 host app[1]: at 5\n',
    )
  })

  test('-f shows what comes', async () => {
    const { services, disk, unit } = await openServer()
    await services.run([
      'enable',
      '--now',
      unit(`echo first; until test -e ${disk.home}/go; do sleep 0.02; done; echo second; sleep 1000`),
    ])
    const follower = startOn(disk, 'sudo journalctl -fu app')
    let shown = ''
    follower.stdout.setEncoding('utf8').on('data', (text) => {
      shown += text
    })
    await until('it shows what was there', () => shown.includes('first'))
    writeFileSync(`${disk.home}/go`, '')
    await until('it shows what came', () => shown.includes('second'))
    follower.kill('SIGKILL')
  })

  test.each([
    ['journalctl -u nothing', { code: 0, stdout: '-- No entries --\n', stderr: '' }],
    ['journalctl', { code: 0, stdout: '-- No entries --\n', stderr: '' }],
    [
      'journalctl --vacuum',
      { code: 1, stdout: '', stderr: "journalctl: the practice server does not know '--vacuum'\n" },
    ],
  ])('%s', async (command, expected) => {
    const { type } = await openServer()
    expect(await type(command)).toEqual(expected)
  })
})

describe('dnf', () => {
  test('installs Node, npm and the MySQL client, which were not there before', async () => {
    const { type } = await openServer()
    const there = async () => {
      const { stdout } = await type(
        'for p in node node-22 npm npm-22 mysql mariadb; do command -v $p >/dev/null && echo $p; done',
      )
      return stdout.split('\n').filter((each) => each !== '')
    }
    expect(await there()).toEqual([])
    expect(await type('sudo dnf -y install nodejs22 nodejs22-npm mariadb105 tar gzip')).toEqual({
      code: 0,
      stdout:
        'Installed: nodejs22\nInstalled: nodejs22-npm\nInstalled: mariadb105\nPackage tar is already installed.\nPackage gzip is already installed.\nComplete!\n',
      stderr: '',
    })
    expect(await there()).toEqual(['node', 'node-22', 'npm', 'npm-22', 'mysql', 'mariadb'])
    expect(await type('node-22 --version; mysql --version | grep -o MariaDB | head -n 1')).toMatchObject({
      code: 0,
      stdout: `${process.version}\nMariaDB\n`,
    })
    expect((await type('npm-22 --version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test.each([
    [
      'dnf install -y nodejs22 no-such-editor',
      {
        code: 1,
        stdout: '',
        stderr:
          'No match for argument: no-such-editor\nError: Unable to find a match: no-such-editor (the practice server has no package repository, only what is on this machine)\n',
      },
    ],
    [
      'sudo yum update -y',
      { code: 0, stdout: 'Dependencies resolved.\nNothing to do.\nComplete!\n', stderr: '' },
    ],
    [
      'sudo dnf remove tar',
      {
        code: 1,
        stdout: '',
        stderr: 'No match for argument: tar\nError: No packages marked for removal.\n',
      },
    ],
    ['sudo dnf clean all', { code: 0, stdout: '0 files removed\n', stderr: '' }],
    [
      'sudo dnf history',
      {
        code: 1,
        stdout: '',
        stderr:
          "No such command: history. The practice server's dnf knows install, remove, clean and update.\n",
      },
    ],
    [
      'sudo rm -rf /etc',
      {
        code: 1,
        stdout: '',
        stderr: "sudo: the practice server does not know how to run 'rm -rf /etc' as root\n",
      },
    ],
    [
      'sudo -n -E whoami',
      {
        code: 1,
        stdout: '',
        stderr: "sudo: the practice server does not know how to run 'whoami' as root\n",
      },
    ],
    ['whoami; hostname', { code: 0, stdout: 'ec2-user\nip-172-31-0-10\n', stderr: '' }],
  ])('%s', async (command, expected) => {
    const { type } = await openServer()
    expect(await type(command)).toEqual(expected)
    expect(await type('command -v node-22')).toMatchObject({ code: 1 })
  })

  test('removes what it has installed, and nothing else', async () => {
    const { type } = await openServer()
    await type('sudo dnf -y install nodejs22 nodejs22-npm mariadb105')
    expect(await type('sudo dnf -y remove mariadb105 nodejs22')).toEqual({
      code: 0,
      stdout: 'Removed: mariadb105\nRemoved: nodejs22\nComplete!\n',
      stderr: '',
    })
    expect(
      (await type('for p in node-22 npm-22 mysql mariadb; do command -v $p >/dev/null && echo $p; done'))
        .stdout,
    ).toBe('npm-22\n')
  })

  test('says when the laptop itself lacks a program', async () => {
    const { disk } = await openServer()
    const bare = { ...disk, environment: { ...disk.environment, FLASKLAB_REAL_PATH: '/nowhere' } }
    expect(await runOn(bare, 'sudo dnf install -y nodejs22-npm')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: the practice server has no npm to install: it is missing on this machine.\n',
    })
  })
})

describe('df', () => {
  const freeMib = (said: { readonly stdout: string }) =>
    Math.floor(Number(said.stdout.trim().split('\n').at(-1)?.split(/\s+/)[3]) / 1024)

  test('shows a disk as large as the volume, and what was put on it', async () => {
    const { type } = await openServer()
    const before = freeMib(await type('df -Pk "$HOME"'))
    await type('truncate -s 1G ~/big.log')
    const after = freeMib(await type('df -Pk "$HOME"'))
    expect(before).toBeGreaterThan(6_000)
    expect(before).toBeLessThan(8_192)
    expect(Math.abs(before - after - 1_024)).toBeLessThan(3)
  })

  test('has nothing free when more lies there than it holds', async () => {
    const { type } = await openServer()
    await type('truncate -s 9G ~/big.log')
    expect((await type('df -h')).stdout).toMatch(/^\/dev\/xvda1 8192M 8192M 0M 100% \/$/m)
  })
})
