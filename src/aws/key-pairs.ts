import type { Clients } from './clients.ts'
import { means } from './error-meanings.ts'
import { DeleteKeyPairCommand, DescribeKeyPairsCommand, ImportKeyPairCommand } from './sdk.ts'
import { type LabTags, tagsFor } from './tags.ts'

/**
 * Imports the public key. A pair of that name is ours, since the name holds the lab's random id: one with another
 * key is of a private half that was lost, and would let nobody into the next server.
 */
export async function ensureKeyPair(
  { ec2 }: Clients,
  lab: LabTags,
  name: string,
  publicKey: string,
): Promise<void> {
  const Filters = [{ Name: 'key-name', Values: [name] }]
  const { KeyPairs: [present] = [] } = await ec2.send(
    new DescribeKeyPairsCommand({ Filters, IncludePublicKey: true }),
  )
  if (present !== undefined && isSame(present.PublicKey, publicKey)) return
  if (present !== undefined) await ec2.send(new DeleteKeyPairCommand({ KeyName: name }))
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
    if (!means(error, 'taken')) throw error
  }
}

export async function publicKeyOf({ ec2 }: Clients, name: string): Promise<string | undefined> {
  const Filters = [{ Name: 'key-name', Values: [name] }]
  try {
    const { KeyPairs = [] } = await ec2.send(new DescribeKeyPairsCommand({ Filters, IncludePublicKey: true }))
    return KeyPairs[0]?.PublicKey
  } catch (error) {
    if (means(error, 'denied')) return undefined
    throw error
  }
}

/** But for the comment; where AWS does not tell the key, it is taken for ours. */
function isSame(present: string | undefined, ours: string): boolean {
  const key = (line: string) => line.split(' ').slice(0, 2).join(' ')
  return present === undefined || key(present) === key(ours)
}
