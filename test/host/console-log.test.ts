import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { hostKeysIn } from '../../src/host/console-log.ts'

const { generateKeyPairSync } = ssh2.utils
const lineOf = (pair: { public: string }) => pair.public.split(' ').slice(0, 2).join(' ')
const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS'
const ecdsa = lineOf(generateKeyPairSync('ecdsa', { bits: 256 }))
const rsa = lineOf(generateKeyPairSync('rsa', { bits: 2048 }))

const BEGIN = '-----BEGIN SSH HOST KEY KEYS-----'
const END = '-----END SSH HOST KEY KEYS-----'

const fingerprints = [
  'ec2: #############################################################',
  'ec2: -----BEGIN SSH HOST KEY FINGERPRINTS-----',
  'ec2: 256 SHA256:Tf2ilQ1nHTz1sl1pK7sZyq1XkQZ7cQe7rS6L9Yvhc2w root@ip-172-31-5-9 (ED25519)',
  'ec2: -----END SSH HOST KEY FINGERPRINTS-----',
]

function consoleOf(...lines: string[]): string {
  return ['[    0.000000] Linux version 6.1.0', ...fingerprints, ...lines, ''].join('\r\n')
}

test('all keys of the block are read, without their comments', () => {
  const output = consoleOf(
    BEGIN,
    `${ecdsa} root@ip-172-31-5-9`,
    `${ed25519} root@ip-172-31-5-9`,
    rsa,
    END,
    'ip-172-31-5-9 login: ',
  )
  expect(hostKeysIn(output)).toEqual([ecdsa, ed25519, rsa])
})

test('lines that carry a prefix are read all the same', () => {
  expect(hostKeysIn(consoleOf(`ec2: ${BEGIN}`, `ec2: ${ed25519} root@x`, `ec2: ${END}`))).toEqual([ed25519])
})

test.each([
  ['an empty console', ''],
  ['a console before the keys', consoleOf('[   12.1] cloud-init[1]: running')],
  ['a block that has not ended yet', consoleOf(BEGIN, ed25519, ecdsa)],
  ['a block without keys', consoleOf(BEGIN, END)],
  ['a block of fingerprints only', consoleOf()],
])('%s has no keys', (_, output) => {
  expect(hostKeysIn(output)).toEqual([])
})

test('kernel lines between the keys are read over', () => {
  const output = consoleOf(BEGIN, ecdsa, '[   14.220135] ena 0000:00:05.0: link up', ed25519, END)
  expect(hostKeysIn(output)).toEqual([ecdsa, ed25519])
})

test('a carriage return within a line changes nothing', () => {
  const line = `${ed25519.slice(0, 40)}\r${ed25519.slice(40)}`
  expect(hostKeysIn(`${BEGIN}\r\r\n${line}\r\r\n${END}`)).toEqual([ed25519])
})

test('a key that a kernel line has cut is left out, wherever it was cut', () => {
  for (const key of [ed25519, ecdsa, rsa.slice(0, 120)]) {
    const start = key.indexOf(' ') + 1
    for (let at = start; at < key.length; at++) {
      const cut = `${key.slice(0, at)}[   14.220135] ena: link up\r\n${key.slice(at)}`
      expect(hostKeysIn(consoleOf(BEGIN, cut, END)), key.slice(0, at)).toEqual([])
    }
  }
})

test('a key whose blob is of another type than it says is left out', () => {
  expect(hostKeysIn(consoleOf(BEGIN, ed25519.replace('ssh-ed25519', 'ssh-rsa'), END))).toEqual([])
})

test('a second block, which anybody with root could print later, is ignored', () => {
  const forged = lineOf(generateKeyPairSync('ecdsa', { bits: 256 }))
  expect(hostKeysIn(consoleOf(BEGIN, ed25519, END, BEGIN, forged, END))).toEqual([ed25519])
})
