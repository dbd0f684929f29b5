import { expectFound } from '../../lab/expect-found.ts'
import type { WithCloud } from '../../lab/ports/cloud.ts'
import type { GroupRole, GroupSeen } from '../../lab/ports/groups.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import type { Look } from '../../lab/ports/look.ts'
import type { Networks } from '../../lab/ports/network.ts'
import type { CloudLooks } from './cloud.ts'
import { NOTHING, once } from './once.ts'

export type NetworkLooks = ReturnType<typeof networkLooks>

export type OwnGroups = Partial<Readonly<Record<GroupRole, GroupSeen>>>

/** AWS's answers about the network between here, the server and the database. */
export function networkLooks(
  { cloud, isHandmade, myAddress }: Pick<Kit, 'isHandmade' | 'myAddress'> & WithCloud<Networks>,
  seen: Pick<Look, 'examineGroups' | 'findGroups' | 'examineNetwork'>,
  { server, database }: Pick<CloudLooks, 'server' | 'database'>,
) {
  const groups = once(async () => {
    // Where server or database can't be looked at, its own check tells why.
    const [its, theirs] = await Promise.all([server().catch(NOTHING), database().catch(NOTHING)])
    const [ofServer, ofDatabase] = [its?.groupIds ?? [], theirs?.groupIds ?? []]
    const all = await seen.examineGroups([...new Set([...ofServer, ...ofDatabase])])
    return {
      server: all.filter(({ id }) => ofServer.includes(id)),
      database: all.filter(({ id }) => ofDatabase.includes(id)),
    }
  })
  return {
    /** The groups of the server and of the database. */
    groups,
    /** The lab's own in the server's VPC, by what they are for; a lab that was made by hand has none. */
    ownGroups: once(async (): Promise<OwnGroups> => {
      const vpcId = (await server())?.vpcId
      if (isHandmade || vpcId === undefined) return {}
      const attached = byRole(Object.values(await groups()).flat())
      // All three are where they belong in most labs: then there is nothing to search for.
      if (attached.web && attached.link && attached.database) return attached
      return byRole(await seen.findGroups(vpcId))
    }),
    network: once(async () => seen.examineNetwork((await expectFound(server())).vpcId)),
    /** The id of the internet gateway of the server's VPC. */
    internetGateway: once(async () => cloud.internetGateway((await expectFound(server())).vpcId)),
    /** Whether AWS keeps all of the region’s servers from the internet; asked for only where nothing comes through. */
    blockedAccess: once(() => cloud.blockedAccess()),
    myAddress: once(() => myAddress()),
  }
}

function byRole(groups: readonly GroupSeen[]): OwnGroups {
  return Object.fromEntries(groups.flatMap((group) => (group.role ? [[group.role, group]] : [])))
}
