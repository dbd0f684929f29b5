import { aws } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Removal, Resource, ResourceKind } from '../lab/ports/resources.ts'
import type { Clients } from './clients.ts'
import { dependentsOf } from './dependents.ts'
import { messageOf } from './error-codes.ts'
import { means } from './error-meanings.ts'
import { stillExisting } from './existing.ts'
import { removeRules } from './groups.ts'
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

export async function remove(clients: Clients, resource: Resource): Promise<Removal> {
  const { kind, id } = resource
  if (kind === 'network-interface') return removeInterface(clients, id)
  if (kind === 'log-group') throw new Error('A log group has no tags of a lab, and is never deleted.')
  try {
    if (resource.uniqueId !== undefined && !(await isStillIt(clients, resource))) return UNSEEN
    await removers[kind](clients, id)
    return ASKED
  } catch (error) {
    if (means(error, 'gone')) return ASKED
    if (kind === 'server' && means(error, 'protected')) throw await protectedServer(clients, id, error)
    if (!means(error, 'held')) throw error
    return { done: 'not-yet', why: messageOf(error), dependents: await dependentsOf(clients, resource) }
  }
}

type Removable = Exclude<ResourceKind, 'network-interface' | 'log-group'>

const removers: Readonly<Record<Removable, (clients: Clients, id: string) => Promise<unknown>>> = {
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

/** Groups whose rules name each other hold each other: the rules go first. */
async function removeGroup(clients: Clients, id: string): Promise<void> {
  const rules = await rulesOf(clients, [id])
  const references = rules.filter((rule) => rule.ReferencedGroupInfo?.GroupId !== undefined)
  await removeRules(
    clients,
    id,
    references.map((rule) => ({
      id: rule.SecurityGroupRuleId ?? '',
      direction: rule.IsEgress ? 'egress' : 'ingress',
      protocol: 'tcp',
      fromPort: 0,
      toPort: 0,
      peer: { kind: 'group', groupId: rule.ReferencedGroupInfo?.GroupId ?? '' },
      description: '',
    })),
  )
  await clients.ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }))
}
