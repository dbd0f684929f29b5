import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'

export interface HostKey {
  readonly privateKey: string
  /** `ecdsa-sha2-nistp256 AAAA… root@…` */
  readonly publicLine: string
}

/** The SSH host key of an instance, made at its first boot and kept on its disk. */
export function createHostKeys(folder: string): HostKey[] {
  const file = join(folder, 'ssh_host_ecdsa_key')
  if (!existsSync(file)) {
    const pair = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, comment: `root@${hostname()}` })
    writeFileSync(`${file}.pub`, `${pair.public}\n`, { mode: 0o600 })
    writeFileSync(file, pair.private, { mode: 0o600 })
  }
  return [{ privateKey: readFileSync(file, 'utf8'), publicLine: readFileSync(`${file}.pub`, 'utf8').trim() }]
}

/** The host keys as cloud-init prints them on the serial console at the end of the first boot. */
export function consoleBlock(keys: readonly HostKey[]): string {
  const fingerprints = keys.map(({ publicLine }) => {
    const [type = '', blob = '', comment = ''] = publicLine.split(' ')
    const digest = createHash('sha256')
      .update(Buffer.from(blob, 'base64'))
      .digest('base64')
      .replace(/=+$/, '')
    return `ec2: 256 SHA256:${digest} ${comment} (${type.startsWith('ecdsa') ? 'ECDSA' : 'ED25519'})`
  })
  return [
    'ec2: ',
    'ec2: #############################################################',
    'ec2: -----BEGIN SSH HOST KEY FINGERPRINTS-----',
    ...fingerprints,
    'ec2: -----END SSH HOST KEY FINGERPRINTS-----',
    'ec2: #############################################################',
    '-----BEGIN SSH HOST KEY KEYS-----',
    ...keys.map((key) => key.publicLine),
    '-----END SSH HOST KEY KEYS-----',
    '',
  ].join('\r\n')
}
