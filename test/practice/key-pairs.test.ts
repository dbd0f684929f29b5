import { execFileSync } from 'node:child_process'
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateKeyPairCommand,
  DeleteKeyPairCommand,
  DescribeKeyPairsCommand,
  ImportKeyPairCommand,
} from '@aws-sdk/client-ec2'
import ssh2 from 'ssh2'
import { expect, onTestFinished, test } from 'vitest'
import { openCloud, refusal } from './support.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'flasklab-keys-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** The public half, as OpenSSH itself reads it out of a private key. */
function publicHalf(privateKey: string): string {
  const file = join(folder(), 'key')
  writeFileSync(file, `${privateKey}\n`, { mode: 0o600 })
  return execFileSync('ssh-keygen', ['-y', '-f', file]).toString().trim()
}

const described = async (cloud: Awaited<ReturnType<typeof openCloud>>) =>
  (await cloud.ec2().send(new DescribeKeyPairsCommand({ IncludePublicKey: true }))).KeyPairs ?? []

test('a created RSA key is a PKCS#1 file that OpenSSH reads, with the fingerprint of its private half', async () => {
  await using cloud = await openCloud()
  const { KeyMaterial = '', KeyFingerprint } = await cloud
    .ec2()
    .send(new CreateKeyPairCommand({ KeyName: 'lab' }))
  expect(KeyMaterial).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n[\s\S]+\n-----END RSA PRIVATE KEY-----$/)
  const [pair] = await described(cloud)
  expect(pair?.PublicKey?.split(' ').slice(0, 2)).toEqual(publicHalf(KeyMaterial).split(' ').slice(0, 2))
  const der = createPrivateKey(KeyMaterial).export({ type: 'pkcs8', format: 'der' })
  expect(KeyFingerprint?.replaceAll(':', '')).toBe(createHash('sha1').update(der).digest('hex'))
  expect(JSON.stringify(cloud.cloud.state)).not.toContain('PRIVATE KEY')
})

test('a created ED25519 key is readable by ssh2 and by OpenSSH, each time', async () => {
  await using cloud = await openCloud()
  for (const number of [1, 2, 3]) {
    const KeyName = `lab-${number}`
    const { KeyMaterial = '', KeyFingerprint } = await cloud
      .ec2()
      .send(new CreateKeyPairCommand({ KeyName, KeyType: 'ed25519' }))
    expect(ssh2.utils.parseKey(KeyMaterial)).not.toBeInstanceOf(Error)
    const blob = publicHalf(KeyMaterial).split(' ')[1] ?? ''
    expect(KeyFingerprint).toBe(createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64'))
  }
  expect((await described(cloud)).map(({ KeyType }) => KeyType)).toEqual(['ed25519', 'ed25519', 'ed25519'])
})

test.each(['rsa', 'ed25519'] as const)('an imported %s key is kept as its owner wrote it', async (type) => {
  await using cloud = await openCloud()
  const file = join(folder(), 'id')
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'me@laptop', '-f', file])
  const line = readFileSync(`${file}.pub`, 'utf8')
  const { KeyFingerprint } = await cloud.ec2().send(
    new ImportKeyPairCommand({
      KeyName: 'mine',
      PublicKeyMaterial: Buffer.from(line),
      TagSpecifications: [{ ResourceType: 'key-pair', Tags: [{ Key: 'lab', Value: 'one' }] }],
    }),
  )
  expect(await described(cloud)).toMatchObject([
    {
      KeyName: 'mine',
      KeyType: type,
      PublicKey: line.trim(),
      Tags: [{ Key: 'lab', Value: 'one' }],
      KeyFingerprint,
    },
  ])
  const parsed = ssh2.utils.parseKey(line)
  if (parsed instanceof Error) throw parsed
  const spki = createPublicKey(parsed.getPublicPEM()).export({ type: 'spki', format: 'der' })
  const expected =
    type === 'rsa'
      ? createHash('md5').update(spki).digest('hex')
      : createHash('sha256').update(parsed.getPublicSSH()).digest('base64')
  expect(KeyFingerprint?.replaceAll(':', '')).toBe(expected)
})

test('only OpenSSH lines of RSA and ED25519 keys are imported', async () => {
  await using cloud = await openCloud()
  const file = join(folder(), 'id')
  execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', file])
  const ecdsa = readFileSync(`${file}.pub`)
  const bad = 'InvalidKey.Format: Key is not in valid OpenSSH public key format'
  const refused = (material: Buffer) =>
    refusal(cloud.ec2().send(new ImportKeyPairCommand({ KeyName: 'k', PublicKeyMaterial: material })))
  expect(await refused(ecdsa)).toBe(bad)
  expect(await refused(readFileSync(file))).toBe(bad)
  expect(await refused(Buffer.from('ssh-ed25519 AAAA'))).toBe(bad)
  // The mistake of encoding the line as base64 before the SDK does.
  expect(await refused(Buffer.from(Buffer.from('ssh-ed25519 AAAA').toString('base64')))).toBe(bad)
})

test('a name is taken once in a region, and deleting is done also where nothing is', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const create = (KeyName: string) => ec2.send(new CreateKeyPairCommand({ KeyName, KeyType: 'ed25519' }))
  await create('lab')
  expect(await refusal(create('lab'))).toBe('InvalidKeyPair.Duplicate: The keypair already exists')
  await cloud.ec2('eu-west-1').send(new CreateKeyPairCommand({ KeyName: 'lab', KeyType: 'ed25519' }))
  expect(await refusal(ec2.send(new DescribeKeyPairsCommand({ KeyNames: ['other'] })))).toBe(
    "InvalidKeyPair.NotFound: The key pair 'other' does not exist",
  )
  await ec2.send(new DeleteKeyPairCommand({ KeyName: 'lab' }))
  await ec2.send(new DeleteKeyPairCommand({ KeyName: 'lab' }))
  expect(await described(cloud)).toEqual([])
})

test('one of two requests for one name at the same time is refused', async () => {
  await using cloud = await openCloud()
  const create = () => refusal(cloud.ec2().send(new CreateKeyPairCommand({ KeyName: 'lab' })))
  const outcomes = await Promise.all([create(), create()])
  expect(outcomes.sort()).toEqual(['InvalidKeyPair.Duplicate: The keypair already exists', 'accepted'])
})
