import { DescribeKeyPairsCommand, ImportKeyPairCommand } from '@aws-sdk/client-ec2'
import type { Clients } from './clients.ts'
import { isCode } from './errors.ts'
import { type LabTags, tagsFor } from './tags.ts'

/** Imports the public key; a pair of that name is ours, since the name holds the lab's random id. */
export async function ensureKeyPair(
  { ec2 }: Clients,
  lab: LabTags,
  name: string,
  publicKey: string,
): Promise<void> {
  const Filters = [{ Name: 'key-name', Values: [name] }]
  const { KeyPairs = [] } = await ec2.send(new DescribeKeyPairsCommand({ Filters }))
  if (KeyPairs.length > 0) return
  try {
    await ec2.send(
      new ImportKeyPairCommand({
        KeyName: name,
        // The SDK encodes these bytes itself; handing over base64 would encode them twice.
        PublicKeyMaterial: Buffer.from(publicKey),
        TagSpecifications: [{ ResourceType: 'key-pair', Tags: tagsFor(lab, { Name: name }) }],
      }),
    )
  } catch (error) {
    if (!isCode(error, 'InvalidKeyPair.Duplicate')) throw error
  }
}
