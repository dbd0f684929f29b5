import type { CreateDBInstanceCommandInput, ModifyDBInstanceCommandInput } from '@aws-sdk/client-rds'
import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { handout } from '../lab/lab.ts'
import type { DatabaseSeen, DatabaseSpec } from '../lab/ports/databases.ts'
import type { Secret } from '../lab/secret.ts'
import { untilAllowed } from '../lab/wait.ts'
import type { Clients } from './clients.ts'
import { databaseSeen, isStaying } from './db-instance.ts'
import { means, onceKnown } from './error-meanings.ts'
import { allDatabases } from './lists.ts'
import {
  CreateDBInstanceCommand,
  CreateDBSubnetGroupCommand,
  DescribeEventsCommand,
  ModifyDBInstanceCommand,
  StartDBInstanceCommand,
} from './sdk.ts'
import { isOfLab, type LabTags, tagsFor } from './tags.ts'

const ROLE_MS = 120_000

/** The lab's database; one that is being deleted is none. */
export async function findDatabase(clients: Clients, lab: LabTags): Promise<DatabaseSeen | undefined> {
  const ours = (await allDatabases(clients)).find((each) => isOfLab(each.TagList, lab.id) && isStaying(each))
  return ours && databaseSeen(ours)
}

/** A database that was made by hand: by the name given, which must exist, else by the handout's. */
export async function findByHand(
  clients: Clients,
  name: string | undefined,
  region: string,
): Promise<DatabaseSeen | undefined> {
  const wanted = name ?? handout.database
  const found = (await allDatabases(clients)).find((each) => each.DBInstanceIdentifier === wanted)
  if (found === undefined && name !== undefined) throw noSuchDatabase(name, region)
  return found && databaseSeen(found)
}

function noSuchDatabase(name: string, region: string): LabError {
  return new LabError({
    what: `There is no database "${name}" in ${region}.`,
    why: 'Either it was deleted, or it is in another region or account.',
    remedy: { say: 'Look its name and region up in the RDS console; --region names another one.' },
  })
}

export async function createDatabase(
  clients: Clients,
  lab: LabTags,
  names: { readonly database: string; readonly subnetGroup: string },
  spec: DatabaseSpec,
): Promise<void> {
  await ensureSubnetGroup(clients.rds, lab, names.subnetGroup, spec.subnetIds)
  const request: CreateDBInstanceCommandInput = {
    DBInstanceIdentifier: names.database,
    Engine: 'mysql',
    EngineVersion: '8.4',
    // Fails rather than bills, should 8.4 ever be past its support.
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    DBInstanceClass: handout.databaseClass,
    AllocatedStorage: handout.databaseGb,
    StorageType: handout.databaseDiskType,
    StorageEncrypted: true,
    MasterUsername: handout.masterUser,
    MasterUserPassword: spec.masterPassword.reveal(),
    DBSubnetGroupName: names.subnetGroup,
    VpcSecurityGroupIds: [...spec.groupIds],
    // Left out, it would be true in a default VPC.
    PubliclyAccessible: false,
    MultiAZ: false,
    BackupRetentionPeriod: 0,
    MonitoringInterval: 0,
    DeletionProtection: false,
    CopyTagsToSnapshot: true,
    NetworkType: 'IPV4',
    Tags: tagsFor(lab, { Name: names.database }),
  }
  try {
    await withFallbacks(request, clients)
  } catch (error) {
    if (!means(error, 'taken')) throw error
    await refuseForeign(clients, lab, names.database)
  }
}

/** Ours, or ours being deleted, is fine: whoever waits for it asks again. */
async function refuseForeign(clients: Clients, lab: LabTags, name: string): Promise<void> {
  const there = (await allDatabases(clients)).find((each) => each.DBInstanceIdentifier === name)
  if (there === undefined || isOfLab(there.TagList, lab.id)) return
  throw new LabError(
    {
      what: `The account has a database "${name}" already, and it is not of this lab.`,
      why: 'A database’s name is unique in an account and region.',
      remedy: { say: 'Build the lab under another name.', run: [flasklab('up', { lab: 'another-name' })] },
    },
    { code: 'name-taken' },
  )
}

/** Learner Labs know gp2 only; a region may be out of db.t3.micro; an account's first database needs a role made. */
async function withFallbacks(request: CreateDBInstanceCommandInput, { rds, clock }: Clients): Promise<void> {
  let attempt = request
  const create = async () => {
    for (;;) {
      try {
        return await rds.send(new CreateDBInstanceCommand(attempt))
      } catch (error) {
        const next = fallback(attempt, error)
        if (next === undefined) throw error
        attempt = next
      }
    }
  }
  await untilAllowed(create, (error) => means(error, 'too-early'), ROLE_MS, clock)
}

function fallback(
  attempt: CreateDBInstanceCommandInput,
  error: unknown,
): CreateDBInstanceCommandInput | undefined {
  if (means(error, 'disk-is-refused') && attempt.StorageType === handout.databaseDiskType)
    return { ...attempt, StorageType: 'gp2' }
  if (means(error, 'class-is-refused') && attempt.DBInstanceClass === handout.databaseClass)
    return { ...attempt, DBInstanceClass: handout.otherDatabaseClass }
  return undefined
}

async function ensureSubnetGroup(
  rds: Clients['rds'],
  lab: LabTags,
  name: string,
  subnetIds: readonly string[],
): Promise<void> {
  try {
    await rds.send(
      new CreateDBSubnetGroupCommand({
        DBSubnetGroupName: name,
        DBSubnetGroupDescription: `Subnets of the lab ${lab.name}`,
        SubnetIds: [...subnetIds],
        Tags: tagsFor(lab, { Name: name }),
      }),
    )
  } catch (error) {
    if (!means(error, 'taken')) throw error
  }
}

export async function startDatabase(clients: Clients, id: string): Promise<void> {
  const command = new StartDBInstanceCommand({ DBInstanceIdentifier: id })
  await onceKnown(() => clients.rds.send(command), clients)
}

export async function setDatabaseGroups(
  clients: Clients,
  id: string,
  groupIds: readonly string[],
): Promise<void> {
  await modify(clients, id, { VpcSecurityGroupIds: [...groupIds] })
}

export async function setMasterPassword(clients: Clients, id: string, password: Secret): Promise<void> {
  await modify(clients, id, { MasterUserPassword: password.reveal() })
}

export async function setPublicAccess(clients: Clients, id: string, isPublic: boolean): Promise<void> {
  await modify(clients, id, { PubliclyAccessible: isPublic })
}

async function modify(
  clients: Clients,
  id: string,
  change: Omit<ModifyDBInstanceCommandInput, 'DBInstanceIdentifier' | 'ApplyImmediately'>,
): Promise<void> {
  const command = new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, ApplyImmediately: true, ...change })
  await onceKnown(() => clients.rds.send(command), clients)
}

/** The messages of the last two hours, oldest first. */
export async function databaseEvents({ rds }: Clients, id: string): Promise<string[]> {
  const { Events = [] } = await rds.send(
    new DescribeEventsCommand({ SourceIdentifier: id, SourceType: 'db-instance', Duration: 120 }),
  )
  return Events.map((event) => event.Message ?? '')
}
