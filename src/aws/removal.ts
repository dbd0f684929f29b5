import { aws } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Removal, Resource, ResourceKind } from '../lab/ports/resources.ts'
import type { Clients } from './clients.ts'
import { dependentsOf } from './dependents.ts'
import { messageOf } from './error-codes.ts'
import { means } from './error-meanings.ts'
import { stillExisting } from './existing.ts'
import { revokeRules } from './groups.ts'
import { rulesOf } from './lists.ts'
import {
  DeleteDBInstanceAutomatedBackupCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DeleteDBSubnetGroupCommand,
  DeleteKeyPairCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DeleteVolumeCommand,
  DescribeNetworkInterfacesCommand,
  ModifyDBInstanceCommand,
  ReleaseAddressCommand,
  StartDBInstanceCommand,
  TerminateInstancesCommand,
} from './sdk.ts'

const ASKED: Removal = { done: 'asked' }
/** Gone by now, or not shown by a look that lags behind: the next one tells. */
const UNSEEN: Removal = { done: 'not-yet', why: 'It is not found.', dependents: [] }

/** `together`: the other resources to remove; the rules of their groups must not hold this one. */
export async function remove(
  clients: Clients,
  resource: Resource,
  together: readonly Resource[] = [],
): Promise<Removal> {
  const { kind, id } = resource
  if (kind === 'network-interface') return removeInterface(clients, id)
  if (kind === 'log-group') throw new Error('A log group has no tags of a lab, and is never deleted.')
  try {
    if (resource.uniqueId !== undefined && !(await isStillIt(clients, resource))) return UNSEEN
    await removers[kind](clients, id, together)
    return ASKED
  } catch (error) {
    if (means(error, 'gone')) return ASKED
    if (kind === 'server' && means(error, 'protected')) throw await protectedServer(clients, id, error)
    if (!means(error, 'held')) throw error
    return { done: 'not-yet', why: messageOf(error), dependents: await dependentsOf(clients, resource) }
  }
}

type Removable = Exclude<ResourceKind, 'network-interface' | 'log-group'>

type Remover = (clients: Clients, id: string, together: readonly Resource[]) => Promise<unknown>

const removers: Readonly<Record<Removable, Remover>> = {
  server: ({ ec2 }, id) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
  database: removeDatabase,
  'subnet-group': ({ rds }, id) => rds.send(new DeleteDBSubnetGroupCommand({ DBSubnetGroupName: id })),
  'security-group': removeGroup,
  'key-pair': ({ ec2 }, id) => ec2.send(new DeleteKeyPairCommand({ KeyPairId: id })),
  volume: ({ ec2 }, id) => ec2.send(new DeleteVolumeCommand({ VolumeId: id })),
  address: ({ ec2 }, id) => ec2.send(new ReleaseAddressCommand({ AllocationId: id })),
  snapshot: ({ rds }, id) => rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id })),
  'automated-backup': ({ rds }, id) =>
    rds.send(new DeleteDBInstanceAutomatedBackupCommand({ DbiResourceId: id })),
}

/** The plan could not say so: AWS tells it of one server at a time only. */
async function protectedServer({ ec2 }: Clients, id: string, cause: unknown): Promise<LabError> {
  const region = await ec2.config.region()
  const remedy = {
    say: 'Switch its protection off, then run it again.',
    run: [
      aws(region, 'ec2', 'modify-instance-attribute', {
        'instance-id': id,
        'no-disable-api-termination': true,
      }),
    ],
  }
  return new LabError({ what: 'It is protected against termination.', remedy }, { cause })
}

/** The one that a server was launched with goes with it; one that was taken off a server stays behind. */
async function removeInterface({ ec2 }: Clients, id: string): Promise<Removal> {
  const Filters = [{ Name: 'network-interface-id', Values: [id] }]
  const { NetworkInterfaces: [it] = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))
  if (it === undefined) return ASKED
  if (it.Status === 'available') {
    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }))
    return ASKED
  }
  const server = it.Attachment?.InstanceId
  const what = server === undefined ? 'what it is attached to' : `the instance ${server}`
  return { done: 'not-yet', why: 'It goes with its server.', dependents: [{ by: server, what, run: [] }] }
}

/** Somebody else's database may have the name by now, once the lab's is gone. */
async function isStillIt(clients: Clients, resource: Resource): Promise<boolean> {
  return (await stillExisting(clients, [resource])).length > 0
}

/** Without a snapshot and with its backups: the student is asked before, and either would bill on. */
async function removeDatabase({ rds }: Clients, id: string): Promise<void> {
  const request = new DeleteDBInstanceCommand({
    DBInstanceIdentifier: id,
    SkipFinalSnapshot: true,
    DeleteAutomatedBackups: true,
  })
  try {
    await rds.send(request)
  } catch (error) {
    if (!means(error, 'protected')) throw error
    await liftProtection(rds, id)
    await rds.send(request)
  }
}

/** AWS changes nothing of a database that is stopped: it has to be started for that. */
async function liftProtection(rds: Clients['rds'], id: string): Promise<void> {
  try {
    await rds.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: id,
        DeletionProtection: false,
        ApplyImmediately: true,
      }),
    )
  } catch (error) {
    if (means(error, 'stopped')) await rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier: id }))
    throw error
  }
}

/** Groups whose rules name each other hold each other: then those rules go first, by their ids. */
async function removeGroup(clients: Clients, id: string, together: readonly Resource[]): Promise<void> {
  const request = new DeleteSecurityGroupCommand({ GroupId: id })
  try {
    await clients.ec2.send(request)
  } catch (error) {
    const others = together.flatMap((each) => (each.kind === 'security-group' ? each.id : []))
    if (!means(error, 'held') || !(await letGo(clients, [...new Set([id, ...others])]))) throw error
    await clients.ec2.send(request)
  }
}

/** Whether there were any rules by which these groups name others. */
async function letGo(clients: Clients, groupIds: readonly string[]): Promise<boolean> {
  const rules = await rulesOf(clients, groupIds)
  const naming = rules.filter((rule) => rule.ReferencedGroupInfo?.GroupId !== undefined)
  for (const groupId of groupIds) {
    for (const direction of ['ingress', 'egress'] as const) {
      const ids = naming
        .filter((rule) => rule.GroupId === groupId && rule.IsEgress === (direction === 'egress'))
        .flatMap(({ SecurityGroupRuleId }) => SecurityGroupRuleId ?? [])
      await revokeRules(clients, groupId, direction, ids)
    }
  }
  return naming.length > 0
}
