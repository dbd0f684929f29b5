import { type Check, fail, pass } from '../../lab/check.ts'
import { aws, flasklab } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import { cidrContains, isIpv4 } from '../../net/firewall.ts'
import type { Looks } from '../evidence.ts'

const PRIVATE_BLOCKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8']

export const dbDns: Check<Looks<'survey' | 'database'>> = {
  id: 'db-dns',
  title: 'The endpoint resolves to a private address',
  needs: ['ssh-login', 'db-available'],
  async examine({ survey, database, lab }) {
    const { id, endpoint, vpcId } = await expectFound(database())
    const { databaseAddresses } = await survey()
    const addresses = databaseAddresses.filter(isIpv4)
    const open = addresses.find((each) => !PRIVATE_BLOCKS.some((block) => cidrContains(block, each)))
    if (open !== undefined) {
      return fail({
        what: `On the server ${endpoint?.host} resolves to ${open}, an address on the internet.`,
        why: 'The database is publicly accessible, or the VPC’s own DNS is not asked: the rules that name the server’s group do not hold on that way.',
        remedy: {
          say: `See the connectivity of ${id} in the RDS console.`,
          run: [flasklab('doctor', { fix: true })],
        },
      })
    }
    if (addresses.length > 0 || databaseAddresses.includes('::1')) return pass(addresses[0])
    return fail({
      what: `On the server ${endpoint?.host} does not resolve ("Unknown MySQL server host", ENOTFOUND).`,
      why: `The name exists from late in the creation on, and the server remembers for a minute that it did not. Where the DNS of ${vpcId} is switched off, no name resolves there.`,
      remedy: {
        say: 'Wait a minute and look again. If it stays, switch on what the VPC lacks (in the console: VPC, Your VPCs, Edit VPC settings, Enable DNS resolution and Enable DNS hostnames).',
        run: [
          ...['enable-dns-support', 'enable-dns-hostnames'].map((flag) =>
            aws(lab.region, 'ec2', 'modify-vpc-attribute', { 'vpc-id': vpcId, [flag]: { Value: 'true' } }),
          ),
          flasklab('doctor'),
        ],
      },
    })
  },
}
