import type {
  KeyPair as ApiKeyPair,
  CreateKeyPairRequest,
  DeleteKeyPairRequest,
  DeleteKeyPairResult,
  DescribeKeyPairsRequest,
  DescribeKeyPairsResult,
  ImportKeyPairRequest,
  ImportKeyPairResult,
} from '@aws-sdk/client-ec2'
import { newId } from '../cloud.ts'
import type { KeyPair, RegionState } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { type Fields, select } from './filters.ts'
import { withIds } from './ids.ts'
import { type KeyMaterial, newEd25519Key, newRsaKey, readPublicKey } from './key-material.ts'
import { tagListOf, tagsByType } from './tag-lists.ts'

export async function createKeyPair(input: CreateKeyPairRequest, { region }: Call): Promise<ApiKeyPair> {
  const name = freeName(input.KeyName, region)
  if (input.KeyFormat !== undefined && input.KeyFormat !== 'pem') {
    throw new AwsError('UnsupportedOperation', `The practice cloud makes keys in the format pem only.`)
  }
  const type = input.KeyType ?? 'rsa'
  if (type !== 'rsa' && type !== 'ed25519') {
    throw new AwsError('InvalidParameterValue', `Value (${type}) for parameter KeyType is invalid.`)
  }
  const tags = tagsByType(input.TagSpecifications, ['key-pair'])['key-pair']
  const { privateKey, ...material } = type === 'rsa' ? await newRsaKey(name) : newEd25519Key(name)
  // Another request may have taken the name while the key was made.
  const pair = add(freeName(name, region), material, tags, region)
  return {
    KeyName: pair.name,
    KeyPairId: pair.id,
    KeyFingerprint: pair.fingerprint,
    KeyMaterial: privateKey,
    Tags: tagListOf(tags),
  }
}

export function importKeyPair(input: ImportKeyPairRequest, { region }: Call): ImportKeyPairResult {
  const name = freeName(input.KeyName, region)
  const material = readPublicKey(input.PublicKeyMaterial ?? Buffer.alloc(0))
  const tags = tagsByType(input.TagSpecifications, ['key-pair'])['key-pair']
  const pair = add(name, material, tags, region)
  return {
    KeyName: pair.name,
    KeyPairId: pair.id,
    KeyFingerprint: pair.fingerprint,
    Tags: tagListOf(tags),
  }
}

function freeName(name = '', region: RegionState): string {
  if (name === '' || name.length > 255) {
    throw new AwsError('InvalidParameterValue', `Value (${name}) for parameter KeyName is invalid.`)
  }
  if (!region.keyPairs.some((pair) => pair.name === name)) return name
  throw new AwsError('InvalidKeyPair.Duplicate', `The keypair already exists`)
}

function add(name: string, material: KeyMaterial, tags: KeyPair['tags'], region: RegionState): KeyPair {
  const pair: KeyPair = { id: newId('key'), name, ...material, createdAt: Date.now(), tags }
  region.keyPairs.push(pair)
  return pair
}

export function describeKeyPairs(input: DescribeKeyPairsRequest, { region }: Call): DescribeKeyPairsResult {
  const unknown = input.KeyNames?.find((name) => !region.keyPairs.some((pair) => pair.name === name))
  if (unknown !== undefined) throw keyNotFound(unknown)
  const pairs = withIds(region.keyPairs, input.KeyPairIds, 'keyPair').filter(
    ({ name }) => input.KeyNames?.includes(name) ?? true,
  )
  const asked = select(pairs, input.Filters, fields, ({ tags }) => tags)
  return {
    KeyPairs: asked.map((pair) => ({
      KeyName: pair.name,
      KeyPairId: pair.id,
      KeyType: pair.type,
      KeyFingerprint: pair.fingerprint,
      CreateTime: new Date(pair.createdAt),
      PublicKey: input.IncludePublicKey === true ? pair.publicKey : undefined,
      Tags: tagListOf(pair.tags),
    })),
  }
}

const fields: Fields<KeyPair> = {
  fingerprint: (pair) => pair.fingerprint,
  'key-name': (pair) => pair.name,
  'key-pair-id': (pair) => pair.id,
}

export function keyNotFound(name: string): AwsError {
  return new AwsError('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`)
}

/** Deleting a key that is not there succeeds, as on AWS. */
export function deleteKeyPair(input: DeleteKeyPairRequest, { region }: Call): DeleteKeyPairResult {
  if (input.KeyName === undefined && input.KeyPairId === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter KeyName or KeyPairId')
  }
  const pair = region.keyPairs.find(({ name, id }) => name === input.KeyName || id === input.KeyPairId)
  region.keyPairs = region.keyPairs.filter((other) => other !== pair)
  return { Return: true, KeyPairId: pair?.id }
}
