import { handout } from '../lab/lab.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import { type Names, namesFor } from '../lab/names.ts'
import type { Cloud } from '../lab/ports/cloud.ts'
import type { Look } from '../lab/ports/look.ts'
import { areTemporary, checkRegion, credentialsEnd, whoAmI } from './account.ts'
import { type Clients, clockOffset, createClients, rememberingClients, type TimedConfig } from './clients.ts'
import * as databases from './databases.ts'
import { stillExisting } from './existing.ts'
import * as groups from './groups.ts'
import { isLiving } from './instance.ts'
import { takeInventory, type Wanted } from './inventory.ts'
import { ensureKeyPair, publicKeyOf } from './key-pairs.ts'
import * as labs from './labs.ts'
import { allDatabases, instancesBy } from './lists.ts'
import { blockedAccess, examineNetwork, findNetwork, internetGateway } from './network.ts'
import { checkPlan, checkQuotas } from './quotas.ts'
import { remove } from './removal.ts'

import * as resources from './resources.ts'
import * as servers from './servers.ts'
import { isOfLab, type LabTags, ofLab } from './tags.ts'
import { listUnmanaged } from './unmanaged-resources.ts'
import { findUntagged } from './untagged.ts'

/** The ids or names of a lab that was made by hand, where they are not the handout's names. */
export interface Handmade {
  readonly instance?: string | undefined
  readonly database?: string | undefined
}

/** A lab's owner, tags and names. They are read anew for each request, since a lab learns its names on the way. */
interface Subject {
  readonly region: string
  readonly record: () => LabRecord
  readonly tags: () => LabTags
  readonly names: () => Names
  readonly handmade: Handmade | undefined
}

/** AWS as one lab sees it. */
export function createCloud(config: TimedConfig, record: () => LabRecord, handmade?: Handmade): Cloud {
  const clients = createClients(config)
  const tags = () => {
    const { id, name, owner = '', expires } = record()
    return { id, name, owner, expires }
  }
  const names = () => record().names ?? namesFor(record())[0]
  const subject: Subject = { region: config.region, record, tags, names, handmade }
  return {
    region: config.region,
    get clockOffset() {
      return clockOffset(clients)
    },
    ...account(clients, subject),
    ...reading(clients, subject),
    look: () => reading(rememberingClients(clients), subject),
    ...changingGroupsAndKeys(clients, subject),
    ...servingServers(clients, subject),
    ...servingDatabases(clients, subject),
    ...labsOfAccount(clients, subject),
    remove: (resource, together) => remove(clients, resource, together),
  }
}

function account(clients: Clients, { region }: Subject) {
  return {
    areTemporary: () => areTemporary(clients),
    credentialsEnd: () => credentialsEnd(clients),
    checkRegion: () => checkRegion(clients, region),
    checkPlan: () => checkPlan(clients),
    checkQuotas: (missing, plan) => checkQuotas(clients, region, missing, plan),
    internetGateway: (vpcId) => internetGateway(clients, vpcId),
    blockedAccess: () => blockedAccess(clients),
  } satisfies Partial<Cloud>
}

function reading(clients: Clients, { region, record, tags, handmade }: Subject): Look {
  return {
    whoAmI: () => whoAmI(clients),
    findNetwork: () => findNetwork(clients, region),
    examineNetwork: (vpcId) => examineNetwork(clients, vpcId),
    examineGroups: (ids) => groups.examineGroups(clients, tags(), ids),
    findGroups: (vpcId) => groups.findGroups(clients, tags(), vpcId),
    findServer: () =>
      handmade ? servers.findByHand(clients, handmade.instance, region) : servers.findServer(clients, tags()),
    findDatabase: () =>
      handmade
        ? databases.findByHand(clients, handmade.database, region)
        : databases.findDatabase(clients, tags()),
    listServersAndDatabases: () => resources.listServersAndDatabases(clients, tags()),
    listResources: () => resources.listResources(clients, tags()),
    listUnmanaged: () => listUnmanaged(clients, tags()),
    findByName: () => resources.findByName(clients, record().id),
    findUntagged: () => findUntagged(clients, record().id, Object.keys(record().hostKeys)),
    takeInventory: async () => takeInventory(clients, await whatBills(clients, tags(), region, handmade)),
    stillExisting: (meant) => stillExisting(clients, meant),
  }
}

function changingGroupsAndKeys(clients: Clients, { tags, names }: Subject) {
  return {
    createGroup: (spec) => groups.createGroup(clients, tags(), spec),
    addRule: (groupId, rule, description) => groups.addRule(clients, groupId, rule, description),
    removeRules: (groupId, rules) => groups.removeRules(clients, groupId, rules),
    ensureKeyPair: (publicKey) => ensureKeyPair(clients, tags(), names().keyPair, publicKey),
    publicKeyOf: (keyName) => publicKeyOf(clients, keyName),
  } satisfies Partial<Cloud>
}

function servingServers(clients: Clients, { tags, names }: Subject) {
  return {
    lookAtServer: (id) => servers.lookAtServer(clients, id),
    launchServer: (spec) => servers.launchServer(clients, tags(), names(), spec),
    startServer: (id) => servers.startServer(clients, id),
    setServerGroups: (id, groupIds) => servers.setServerGroups(clients, id, groupIds),
    consoleOutput: (id) => servers.consoleOutput(clients, id),
    tagServer: (id, key, value) => servers.tagServer(clients, id, key, value),
  } satisfies Partial<Cloud>
}

function servingDatabases(clients: Clients, { tags, names }: Subject) {
  return {
    createDatabase: (spec) => databases.createDatabase(clients, tags(), names(), spec),
    startDatabase: (id) => databases.startDatabase(clients, id),
    setDatabaseGroups: (id, groupIds) => databases.setDatabaseGroups(clients, id, groupIds),
    setMasterPassword: (id, password) => databases.setMasterPassword(clients, id, password),
    setPublicAccess: (id, isPublic) => databases.setPublicAccess(clients, id, isPublic),
    databaseEvents: (id) => databases.databaseEvents(clients, id),
  } satisfies Partial<Cloud>
}

function labsOfAccount(clients: Clients, { record, tags }: Subject) {
  return {
    areTaken: (wanted) => areTaken(clients, record().id, wanted),
    findLabIds: (name, owner) => labs.findLabIds(clients, name, owner),
    listLabs: () => labs.listLabs(clients),
    listRegions: () => labs.listRegions(clients),
    tagDeadline: (expires) => labs.tagDeadline(clients, tags(), expires),
  } satisfies Partial<Cloud>
}

/** A lab made by hand has no tags: its own are the server and the database that it goes by. */
async function whatBills(
  clients: Clients,
  lab: LabTags,
  region: string,
  handmade: Handmade | undefined,
): Promise<Wanted> {
  if (handmade === undefined) {
    const isOurs: Wanted['isOurs'] = ({ TagList }) => isOfLab(TagList, lab.id)
    return { servers: ofLab(lab.id), disks: ofLab(lab.id), isOurs }
  }
  const server = await servers.findByHand(clients, handmade.instance, region)
  const { database = handout.database } = handmade
  return {
    servers: server && { Name: 'instance-id', Values: [server.id] },
    disks: undefined,
    isOurs: ({ DBInstanceIdentifier }) => DBInstanceIdentifier === database,
  }
}

async function areTaken(clients: Clients, ownLab: string, { server, database }: Names): Promise<boolean> {
  const [namesakes, others] = await Promise.all([
    instancesBy(clients, [{ Name: 'tag:Name', Values: [server] }]),
    allDatabases(clients),
  ])
  return (
    namesakes.some((each) => isLiving(each) && !isOfLab(each.Tags, ownLab)) ||
    others.some((each) => each.DBInstanceIdentifier === database && !isOfLab(each.TagList, ownLab))
  )
}
