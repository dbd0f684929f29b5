import { expect, test } from 'vitest'
import { readListeners, readServiceSurvey } from '../../src/host/service-survey.ts'

test('the service is told by what systemd says, and what listens by its addresses', () => {
  const said = [
    '#service',
    ' MainPID=4242',
    ' ActiveState=active',
    ' UnitFileState=enabled',
    '=0',
    '#journal',
    ' one',
    ' two',
    '=0',
    '#listening',
    ' State  Recv-Q Send-Q Local Address:Port Peer Address:Port',
    ' LISTEN 0      128    127.0.0.1:5000     0.0.0.0:*',
    '=0',
    '#end',
    '=0',
  ]
  const seen = readServiceSurvey(`${said.join('\n')}\n`)
  expect(seen).toMatchObject({ unitFile: 'enabled', state: 'active', pid: '4242', journal: 'one\ntwo' })
  expect(seen.listening).toContain('127.0.0.1:5000')
  expect(readServiceSurvey('')).toMatchObject({ unitFile: '', state: '', listening: [] })
})

test('who listens on the site’s port is told by process, owner, service and command', () => {
  const text = [
    '4242 own - python3 app.py',
    '17 other nginx.service nginx: master process /usr/sbin/nginx',
    '99 own user@1000.service node app.js',
    '',
  ].join('\n')
  expect(readListeners(text)).toEqual([
    { pid: 4242, isOwn: true, service: undefined, command: 'python3 app.py' },
    { pid: 17, isOwn: false, service: 'nginx.service', command: 'nginx: master process /usr/sbin/nginx' },
    { pid: 99, isOwn: true, service: undefined, command: 'node app.js' },
  ])
})
