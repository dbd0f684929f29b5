import { createHash, createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import ssh2 from 'ssh2'
import type { KeyPair } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'

const generate = promisify(generateKeyPair)

export interface KeyMaterial {
  readonly type: KeyPair['type']
  readonly publicKey: string
  readonly fingerprint: string
}

export interface NewKey extends KeyMaterial {
  readonly privateKey: string
}

export async function newRsaKey(name: string): Promise<NewKey> {
  const { privateKey } = await generate('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString().trimEnd()
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  return {
    type: 'rsa',
    privateKey: pem,
    publicKey: `ssh-rsa ${publicBlob(pem)} ${name}`,
    // AWS takes the fingerprint of a key that it made from the private half, and of an imported one from the public.
    fingerprint: colons(createHash('sha1').update(der).digest('hex')),
  }
}

export function newEd25519Key(name: string): NewKey {
  // ssh2 now and then writes a key that nothing can read.
  for (;;) {
    const { private: privateKey } = ssh2.utils.generateKeyPairSync('ed25519', { comment: name })
    const parsed = ssh2.utils.parseKey(privateKey)
    if (parsed instanceof Error) continue
    const blob = parsed.getPublicSSH().toString('base64')
    return {
      type: 'ed25519',
      privateKey: privateKey.trimEnd(),
      publicKey: `ssh-ed25519 ${blob} ${name}`,
      fingerprint: sha256(blob),
    }
  }
}

/** The key on a line as in authorized_keys. */
export function readPublicKey(material: Uint8Array): KeyMaterial {
  const [type = '', blob = '', ...comment] = Buffer.from(material).toString('utf8').trim().split(/\s+/)
  const parsed = ssh2.utils.parseKey(`${type} ${blob}`)
  if (!['ssh-rsa', 'ssh-ed25519'].includes(type) || parsed instanceof Error || parsed.isPrivateKey()) {
    throw new AwsError('InvalidKey.Format', 'Key is not in valid OpenSSH public key format')
  }
  const publicKey = [type, parsed.getPublicSSH().toString('base64'), ...comment].join(' ')
  if (type === 'ssh-ed25519') return { type: 'ed25519', publicKey, fingerprint: sha256(blob) }
  const der = createPublicKey(parsed.getPublicPEM()).export({ type: 'spki', format: 'der' })
  return { type: 'rsa', publicKey, fingerprint: colons(createHash('md5').update(der).digest('hex')) }
}

function publicBlob(privatePem: string): string {
  const parsed = ssh2.utils.parseKey(privatePem)
  if (parsed instanceof Error) throw parsed
  return parsed.getPublicSSH().toString('base64')
}

function sha256(blob: string): string {
  return createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64')
}

function colons(hex: string): string {
  return (hex.match(/../g) ?? []).join(':')
}
