import { CreateKeyPairCommand, DeleteKeyPairCommand, DescribeKeyPairsCommand } from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { type Behaviour, ec2 } from './behaviour.ts'

export const keyPairBehaviours: readonly Behaviour[] = [
  ec2({
    says: 'the name of a key pair is taken once in a region',
    given: (cloud) => cloud.ec2().send(new CreateKeyPairCommand({ KeyName: 'lab', KeyType: 'ed25519' })),
    ask: () => new CreateKeyPairCommand({ KeyName: 'lab', KeyType: 'ed25519' }),
    aws: { code: 'InvalidKeyPair.Duplicate', status: 400 },
  }),
  ec2({
    says: 'a key pair comes with its private half and its tags when it is made',
    ask: () =>
      new CreateKeyPairCommand({
        KeyName: 'lab',
        KeyType: 'ed25519',
        TagSpecifications: [{ ResourceType: 'key-pair', Tags: [{ Key: 'lab', Value: 'one' }] }],
      }),
    aws: ({ KeyMaterial, KeyPairId, Tags }) => {
      expect(KeyMaterial).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/)
      expect(KeyPairId).toMatch(/^key-0[0-9a-f]{16}$/)
      expect(Tags).toEqual([{ Key: 'lab', Value: 'one' }])
    },
  }),
  ec2({
    says: 'a key pair of another region is not found',
    given: (cloud) =>
      cloud.ec2('us-west-2').send(new CreateKeyPairCommand({ KeyName: 'vockey', KeyType: 'ed25519' })),
    ask: () => new DescribeKeyPairsCommand({ KeyNames: ['vockey'] }),
    aws: { code: 'InvalidKeyPair.NotFound', message: "The key pair 'vockey' does not exist", status: 400 },
  }),
  ec2({
    says: 'deleting a key pair that is not there succeeds',
    ask: () => new DeleteKeyPairCommand({ KeyName: 'gone' }),
    aws: ({ KeyPairId }) => expect(KeyPairId).toBeUndefined(),
  }),
]
