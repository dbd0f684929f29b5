import { type Check, fail, type Outcome, pass, warn } from '../../lab/check.ts'
import { aws } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import type { ServerSeen } from '../../lab/ports/servers.ts'
import type { Looks } from '../evidence.ts'
import { blockOf, publicAccessBlocked } from './block-public-access.ts'
import { routeTableOf } from './vpc-layout.ts'

type Seen = Looks<'server' | 'network' | 'ssh' | 'site' | 'blockedAccess' | 'internetGateway'>

export const internetRoute: Check<Seen> = {
  id: 'internet-route',
  title: 'The server’s subnet has a route to the internet',
  needs: ['server-exists'],
  async examine(evidence) {
    const { server, network, lab } = evidence
    const seen = await expectFound(server())
    const table = routeTableOf(await network(), seen.subnetId)
    const route = table?.routes.find(({ destination }) => destination === '0.0.0.0/0')
    if (route?.isActive === true && route.target.startsWith('igw-')) return openGateway(evidence)
    if ((await evidence.ssh().catch(() => undefined)) === 'answers') {
      return warn(answersWithoutRoute(seen, table?.id ?? ''))
    }
    const gateway = (await evidence.internetGateway()) ?? 'IGW_ID'
    const present = route === undefined ? 'none' : `one to ${route.target || 'nowhere'}`
    return fail({
      what: `The route table ${table?.id ?? ''} of the subnet ${seen.subnetId} has no working route 0.0.0.0/0 to an internet gateway (it has ${present}).`,
      why: `Packets reach ${seen.id} only by way of the gateway of its VPC, and its answers leave that way.`,
      remedy: {
        say: `Add the route (in the console: VPC, Route tables, ${table?.id ?? ''}, Edit routes).`,
        run: [
          aws(lab.region, 'ec2', route === undefined ? 'create-route' : 'replace-route', {
            'route-table-id': table?.id ?? '',
            'destination-cidr-block': '0.0.0.0/0',
            'gateway-id': gateway,
          }),
        ],
      },
    })
  },
}

async function openGateway(evidence: Seen): Promise<Outcome> {
  const block = await blockOf(evidence)
  if (block === 'unknown') return pass('whether VPC Block Public Access is on, AWS does not tell')
  return block === 'off' ? pass() : fail(await publicAccessBlocked(evidence, block))
}

function answersWithoutRoute({ id }: ServerSeen, table: string): Finding {
  return {
    what: `${id} answers SSH, although its route table ${table} shows no route to an internet gateway.`,
    why: 'It is reached another way, by a VPN or a transit gateway; or the change is not carried everywhere yet.',
    remedy: { say: 'Nothing, if that is meant; else compare the route tables in the VPC console.' },
  }
}
