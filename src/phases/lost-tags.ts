import { aws, type Command, flasklab } from '../lab/command.ts'
import { type Finding, LabError } from '../lab/finding.ts'
import { cleanTagValue, namesOf, TAG_EXPIRES, TAG_LAB, TAG_LAB_NAME, TAG_OWNER } from '../lab/names.ts'
import type { Regions } from '../lab/ports/account.ts'
import type { WithCloud } from '../lab/ports/cloud.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { Resource, Resources } from '../lab/ports/resources.ts'

type Kind = 'server' | 'database'
type TagKit = Pick<Kit, 'record'> & WithCloud<Regions>

/** The lab's server or database, where it is there without the lab's tags. */
export async function lost(
  kind: Kind,
  where: Pick<Resources, 'findUntagged'>,
): Promise<Resource | undefined> {
  return (await where.findUntagged()).find((each) => each.kind === kind)
}

/** A second one beside it would bill together with it. */
export async function refuseSecond(kind: Kind, kit: TagKit & WithCloud<Resources>): Promise<void> {
  const found = await lost(kind, kit.cloud)
  if (found !== undefined) throw new LabError(lostTags(found, kit))
}

export function lostTags(found: Resource, kit: TagKit): Finding {
  const { kind, id } = found
  const isServer = kind === 'server'
  return {
    what: `The ${isServer ? 'server' : 'database'} ${id} is this lab’s, by ${isServer ? 'its key pair' : 'its subnet group'}, and does not carry the lab’s tags any more.`,
    why: 'Somebody has taken them off. By its tags flasklab finds what is the lab’s: without them another one would be made beside it, and this one would go on to cost.',
    remedy: {
      say: `Give them back (in the console: ${isServer ? `EC2, Instances, ${id}` : `RDS, Databases, ${id}`}, Tags). Where your rights do not reach for that, whoever runs the account can.`,
      run: [tagCommand(found, kit), flasklab('doctor')],
    },
  }
}

function tagCommand({ kind, id, arn = id }: Resource, { cloud, record }: TagKit): Command {
  const { id: lab, name, owner = '', expires } = record.value
  const tags: readonly (readonly [string, string | undefined])[] = [
    ['Name', kind === 'server' ? namesOf(record.value).server : id],
    [TAG_LAB, lab],
    [TAG_LAB_NAME, name],
    [TAG_OWNER, owner],
    [TAG_EXPIRES, expires],
  ]
  const given = tags.flatMap(([key, value]) =>
    value === undefined ? [] : { Key: key, Value: cleanTagValue(value) },
  )
  return kind === 'server'
    ? aws(cloud.region, 'ec2', 'create-tags', { resources: id, tags: given })
    : aws(cloud.region, 'rds', 'add-tags-to-resource', { 'resource-name': arn, tags: given })
}
