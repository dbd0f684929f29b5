import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { envFile } from '../../src/formats/env-file.ts'
import { serviceUnit } from '../../src/host/service-unit.ts'
import { parseEnvironmentFile, parseUnit } from '../../src/practice/machine/unit-file.ts'
import { tempFolder } from '../support/temp-folder.ts'

describe('an environment file', () => {
  // What systemd's own parser (src/basic/env-file.c) makes of each.
  test.each([
    ['plain', 'A=b', { A: 'b' }],
    ['spaces around the value are no part of it', 'A=  b c  \t', { A: 'b c' }],
    ['spaces inside quotes are', 'A="  b  "', { A: '  b  ' }],
    ['an empty value', 'A=\nB=""', { A: '', B: '' }],
    ['# and ; begin a comment at the start of a line only', '# A=b\n; A=b\n  #A=b\nB=c # d', { B: 'c # d' }],
    ['# within quotes', 'A="b#c"', { A: 'b#c' }],
    ['nothing is expanded', 'A=$HOME/$B`c`\nB="$HOME"', { A: '$HOME/$B`c`', B: '$HOME' }],
    ['a backslash takes the next letter as it is', 'A=b\\c\\\\d\\"e', { A: 'bc\\d"e' }],
    ['in double quotes only where a shell needs it', 'A="b\\c \\" \\\\ \\$ \\`"', { A: 'b\\c " \\ $ `' }],
    ['in single quotes never', "A='b\\c \"$'", { A: 'b\\c "$' }],
    ['a line that goes on', 'A=b\\\nc\nB="d\\\ne"', { A: 'bc', B: 'de' }],
    ['quotes over two lines', 'A="b\nc"\nB=d', { A: 'b\nc', B: 'd' }],
    ['quoted parts side by side', 'A="b" \'c\'', { A: 'bc' }],
    ['quotes in the middle stay', 'A=it\'s "b"', { A: 'it\'s "b"' }],
    ['the last one counts', 'A=b\nA=c', { A: 'c' }],
    ['spaces around the name', '  A =b', { A: 'b' }],
    ['Windows line ends', 'A=b\r\nB="c"\r\n', { A: 'b', B: 'c' }],
    ['what is no assignment is read over', 'export A=b\n1A=b\nwords\nB=c', { B: 'c' }],
    ['no line end at the end', 'A="b', { A: 'b' }],
  ])('%s', (_, text, expected) => {
    expect(parseEnvironmentFile(text)).toEqual(expected)
  })

  test('holds whatever the lab writes into it', () => {
    const values = {
      RDS_PASSWORD: '#a$b`c"d\\e\'f g;h=i',
      RDS_CA: '/home/ec2-user/FlaskLoginApp/rds-ca.pem',
      EMPTY: '',
    }
    expect(parseEnvironmentFile(envFile(values))).toEqual(values)
  })
})

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

  test('of the lab is understood', () => {
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

  test('of a lab in an odd folder is understood', () => {
    const unit = serviceUnit({ home: nasty, node: `${nasty}/node` }, `${nasty}/app`)
    expect(parseUnit(unit)).toMatchObject({
      execStart: [`${nasty}/node`, 'app.js'],
      workingDirectory: `${nasty}/app`,
      environmentFiles: [`${nasty}/app/.env`],
    })
  })

  const analyze = 'systemd-analyze'
  test.skipIf(spawnSync(analyze, ['--version']).status !== 0)(
    'of a lab in an odd folder means the same to systemd itself',
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
