import { probeDatabase, type Reachability, readProbe } from '../host/commands.ts'
import { aws, flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Database, Link, Server } from '../lab/lab.ts'
import type { Phase } from '../lab/phase.ts'
import type { WithCloud } from '../lab/ports/cloud.ts'
import type { Databases } from '../lab/ports/databases.ts'
import type { Servers } from '../lab/ports/servers.ts'
import { BOOT_MS, type ConnectKit, connectTo } from './host-key.ts'
import { telling } from './run.ts'
import { ensureFirewall, findFirewall, type Groups } from './security-groups.ts'

export const verifyGroups: Phase<'link', 'network' | 'server' | 'database' | 'host'> = {
  id: 'verify-groups',
  fact: 'link',
  title: 'Verify the way from the server to the database',
  lesson:
    'The database’s security group lets MySQL (3306) in from the server’s group and from nothing else: a rule that names a group, not an address, holds whatever addresses they have. Then one real connection is tried.',
  needs: ['network', 'server', 'database', 'host'],

  async find({ network, server, database }, kit) {
    const groups = await findFirewall(network, kit, ['link', 'database'])
    if (!groups || !isAttached(groups, server, database)) return undefined
    return (await probeDatabaseFrom(server, database, kit)) === 'answers' ? toLink(groups) : undefined
  },

  async make({ network, server, database }, kit) {
    sameVpc(server, database)
    const groups = await ensureFirewall(network, kit)
    await attach(groups, server, database, kit)
    kit.tell({
      kind: 'step',
      text: `${groups.database} lets 3306 in from ${groups.link}, which ${server.id} carries`,
    })
    // A rule works within seconds of its making; a second try covers them.
    let reachability = await probeDatabaseFrom(server, database, kit)
    if (reachability !== 'answers') reachability = await probeDatabaseFrom(server, database, kit)
    if (reachability === 'answers') return toLink(groups)
    throw unreachable(reachability, groups, server, database, kit.cloud.region)
  },

  describe: ({ databaseGroupId, linkGroupId }) =>
    `${databaseGroupId} lets ${linkGroupId} in; the database answers`,
}

function probeDatabaseFrom(server: Server, database: Database, kit: ConnectKit): Promise<Reachability> {
  return telling(kit, 'an answer of the database on port 3306', async () => {
    const host = await connectTo(server, kit, BOOT_MS)
    return readProbe(await host.run(probeDatabase(database.endpoint)))
  })
}

async function attach(
  groups: Groups,
  server: Server,
  database: Database,
  kit: WithCloud<Servers & Databases>,
): Promise<void> {
  if (!server.groupIds.includes(groups.link)) {
    await kit.cloud.setServerGroups(server.id, [...server.groupIds, groups.link])
  }
  if (!database.groupIds.includes(groups.database)) {
    await kit.cloud.setDatabaseGroups(database.id, [...database.groupIds, groups.database])
  }
}

function isAttached(groups: Groups, server: Server, database: Database): boolean {
  return (
    server.vpcId === database.vpcId &&
    server.groupIds.includes(groups.link) &&
    database.groupIds.includes(groups.database)
  )
}

function toLink(groups: Groups): Link {
  return { linkGroupId: groups.link, databaseGroupId: groups.database }
}

function sameVpc(server: Server, database: Database): void {
  if (server.vpcId === database.vpcId) return
  throw new LabError({
    what: `The server ${server.id} is in ${server.vpcId}, the database ${database.id} in ${database.vpcId}.`,
    why: 'A private database can be reached from within its own VPC only.',
    remedy: {
      say: 'Delete both and let them be made in one VPC.',
      run: [flasklab('cleanup'), flasklab('up')],
    },
  })
}

function unreachable(
  reachability: Exclude<Reachability, 'answers'>,
  groups: Groups,
  server: Server,
  { id, endpoint, vpcId }: Database,
  region: string,
): LabError {
  const run = [flasklab('up')]
  switch (reachability) {
    case 'unresolved':
      return new LabError({
        what: `On ${server.id} nobody knows the name ${endpoint.host}.`,
        why: `It is made with the database and may take a minute to be known; where the DNS of ${vpcId} is switched off it never is.`,
        remedy: {
          say: 'Go on in a minute. If it fails again, see whether both are true (VPC console, Your VPCs, DNS resolution).',
          run: [
            ...run,
            ...['enableDnsSupport', 'enableDnsHostnames'].map((attribute) =>
              aws(region, 'ec2', 'describe-vpc-attribute', { 'vpc-id': vpcId, attribute }),
            ),
          ],
        },
      })
    case 'refused':
      return new LabError({
        what: `The database ${id} refuses connections from ${server.id} on port ${endpoint.port}.`,
        why: 'The packets arrive, so the rules are right; nobody listens there, as while a database restarts.',
        remedy: { say: 'See in which state it is, then go on.', run: [flasklab('status'), ...run] },
      })
    case 'silent':
      return new LabError({
        what: `From ${server.id} the database ${id} does not answer on port ${endpoint.port}, although the rules allow it.`,
        why: `${groups.database} lets ${groups.link} in, so something between them drops the packets: a network ACL of the subnets is the usual one.`,
        remedy: {
          say: 'Let the doctor compare the network ACLs of both subnets, then go on.',
          run: [flasklab('doctor'), ...run],
        },
      })
  }
}
