import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { serviceUnit } from '../../src/host/service-unit.ts'
import { parseUnit } from '../../src/practice/machine/unit-file.ts'
import { tempFolder } from '../support/temp-folder.ts'

describe('a unit', () => {
  const defaults = {
    description: '',
    execStart: [],
    workingDirectory: undefined,
    environment: {},
    environmentFiles: [],
    restart: 'no',
    restartMs: 100,
    stopMs: 15_000,
  }

  test('without anything has the defaults of systemd', () => {
    expect(parseUnit('')).toEqual(defaults)
  })

  test('as the lab writes it is understood', () => {
    const unit = serviceUnit(
      { home: '/home/ec2-user', node: '/usr/bin/node-22' },
      '/home/ec2-user/FlaskLoginApp',
    )
    expect(parseUnit(unit)).toEqual({
      description: 'FlaskLoginApp',
      execStart: ['/usr/bin/node-22', 'app.js'],
      workingDirectory: '/home/ec2-user/FlaskLoginApp',
      environment: { NODE_ENV: 'production' },
      environmentFiles: ['/home/ec2-user/FlaskLoginApp/.env'],
      restart: 'always',
      restartMs: 2_000,
      stopMs: 15_000,
    })
  })

  const nasty = '/srv/it\'s "my" $HOME %h 100% über \\: home; #1'

  test('as a lab in an odd folder writes it is understood', () => {
    const unit = serviceUnit({ home: nasty, node: `${nasty}/node` }, `${nasty}/app`)
    expect(parseUnit(unit)).toMatchObject({
      execStart: [`${nasty}/node`, 'app.js'],
      workingDirectory: `${nasty}/app`,
      environmentFiles: [`${nasty}/app/.env`],
    })
  })

  const analyze = 'systemd-analyze'
  test.skipIf(spawnSync(analyze, ['--version']).status !== 0)(
    'as a lab in an odd folder writes it means the same to systemd itself',
    () => {
      using folder = tempFolder()
      const file = join(folder.path, 'app.service')
      // systemd shows how it has read a path when it has to complain that it is not absolute.
      const relative = serviceUnit({ home: '', node: '/bin/true' }, nasty.slice(1))
      writeFileSync(file, relative.replace(/^WorkingDirectory=.*\n/m, ''))
      const { stderr } = spawnSync(analyze, ['verify', file], { encoding: 'utf8' })
      expect(stderr.split('\n').map((line) => line.replace(/^.*app\.service:\d+: /, ''))).toEqual([
        `BindReadOnlyPaths= path is not absolute, ignoring: ${nasty.slice(1)}`,
        `EnvironmentFile= path is not absolute, ignoring: ${nasty.slice(1)}/.env`,
        '',
      ])
    },
  )

  test.each([
    ['comments and lines that go on', '[Service]\n# x\n;y\nExecStart=/a \\\n  b', { execStart: ['/a', 'b'] }],
    [
      'words in quotes',
      `[Service]\nExecStart=/a "b c" 'd "e' f"g h"`,
      { execStart: ['/a', 'b c', 'd "e', 'fg h'] },
    ],
    ['settings of another section', '[Unit]\nExecStart=/a\n[Install]\nRestart=always', {}],
    ['the last of several', '[Service]\nRestart=no\nRestart=on-failure', { restart: 'on-failure' }],
    [
      'several variables',
      '[Service]\nEnvironment=A=1 "B=2 3"\nEnvironment=C=4',
      { environment: { A: '1', B: '2 3', C: '4' } },
    ],
    [
      'an empty setting, which begins anew',
      '[Service]\nEnvironment=A=1\nEnvironment=\nEnvironmentFile=/a\nEnvironmentFile=\nEnvironmentFile=-/b\nExecStart=/a\nExecStart=\nExecStart=/b',
      { environmentFiles: ['-/b'], execStart: ['/b'] },
    ],
    ['times', '[Service]\nRestartSec=250ms\nTimeoutStopSec=1min', { restartMs: 250, stopMs: 60_000 }],
    ['times of several parts', '[Service]\nRestartSec=1min 30s', { restartMs: 90_000 }],
    ['a restart that is not known', '[Service]\nRestart=on-abort', {}],
    ['a byte that Windows adds', '[Service]\r\nExecStart=/a b\r\n', { execStart: ['/a', 'b'] }],
  ])('reads %s', (_, text, expected) => {
    expect(parseUnit(text)).toEqual({ ...defaults, ...expected })
  })
})
