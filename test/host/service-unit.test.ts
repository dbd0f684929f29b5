import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serviceUnit } from '../../src/host/service-unit.ts'
import { tempFolder } from '../support/temp-folder.ts'

const unit = serviceUnit({ home: '/home/ec2-user', node: '/usr/bin/node-22' }, '/home/ec2-user/FlaskLoginApp')
const lines = unit.split('\n')

test('each section and setting stands once, and every line is a section, a setting or empty', () => {
  const settings = lines.filter((line) => /^[A-Za-z]+=/.test(line)).map((line) => line.split('=')[0])
  expect(lines.filter((line) => line !== '' && !/^(\[[A-Z][a-z]+\]|[A-Za-z]+=.*)$/.test(line))).toEqual([])
  expect(lines.filter((line) => line.startsWith('['))).toEqual(['[Unit]', '[Service]', '[Install]'])
  expect(new Set(settings).size).toBe(settings.length)
})

test('the app runs from its folder as a throw-away user that sees nothing else of the home', () => {
  expect(lines).toEqual(
    expect.arrayContaining([
      'DynamicUser=yes',
      'ProtectHome=tmpfs',
      'BindReadOnlyPaths=/home/ec2-user/FlaskLoginApp',
      'WorkingDirectory=/home/ec2-user/FlaskLoginApp',
      'EnvironmentFile=/home/ec2-user/FlaskLoginApp/.env',
      'ExecStart=/usr/bin/node-22 app.js',
    ]),
  )
})

test('it comes back after a crash and after a reboot', () => {
  expect(lines).toEqual(
    expect.arrayContaining(['Restart=always', 'StartLimitIntervalSec=0', 'WantedBy=multi-user.target']),
  )
})

// Measured on systemd 252: each of these ends Node at its start, and a cloud without a sandbox would hide it.
test('no line of the sandbox kills Node', () => {
  expect(unit).not.toMatch(/^MemoryDenyWriteExecute/m)
  expect(unit).not.toMatch(/^ProtectHome=(yes|true|1)/m)
  expect(unit).not.toMatch(/^User=/m)
  expect(unit).not.toMatch(/^(PrivateNetwork|PrivateUsers|RootDirectory|InaccessiblePaths)=/m)
  const families = /^RestrictAddressFamilies=(.*)$/m.exec(unit)?.[1]?.split(' ')
  expect(families).toEqual(['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_NETLINK'])
  const calls = /^SystemCallFilter=(.*)$/m.exec(unit)?.[1]
  expect(calls).toBe('@system-service')
})

// Where no systemd can be booted, this is the least: it reads the unit, and weighs its sandbox.
const analyze = (...words: string[]) => spawnSync('systemd-analyze', words, { encoding: 'utf8' })
const missing = analyze('--version').status !== 0
test.skipIf(missing)(
  `systemd-analyze finds no fault in it${missing ? ' (not run: it is not installed)' : ''}`,
  () => {
    using folder = tempFolder()
    const file = join(folder.path, 'flasklogin.service')
    const node = process.execPath
    writeFileSync(file, serviceUnit({ home: '/home/ec2-user', node }, '/home/ec2-user/FlaskLoginApp'))
    const { status, stdout, stderr } = analyze('verify', '--man=no', file)
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' })
    // The exposure is at most 2, where 10 is no protection at all. The threshold is in tenths.
    expect(analyze('security', '--offline=true', '--threshold=20', file).status).toBe(0)
  },
)
