import { isIPv4 } from 'node:net'
import { type Check, fail, pass } from '../../lab/check.ts'
import { expectFound } from '../../lab/expect-found.ts'
import { inRegion } from '../../lab/in-region.ts'
import { cidrContains } from '../../net/firewall.ts'
import type { Evidence } from '../evidence.ts'

const PRIVATE_BLOCKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8']

export const dbDns: Check<Evidence> = {
  id: 'db-dns',
  title: 'The endpoint resolves to a private address',
  needs: ['ssh-login', 'db-available'],
  async examine({ around, database, kit }) {
    const { id, endpoint, vpcId } = await expectFound(database())
    const answer = (await around())['dns']
    const addresses = (answer?.text.match(/\d+\.\d+\.\d+\.\d+/g) ?? []).filter((each) => isIPv4(each))
    const open = addresses.find((each) => !PRIVATE_BLOCKS.some((block) => cidrContains(block, each)))
    if (open !== undefined) {
      return fail({
        what: `On the server ${endpoint?.host} resolves to ${open}, an address on the internet.`,
        why: 'The database is publicly accessible, or the VPC’s own DNS is not asked: the rules that name the server’s group do not hold on that way.',
        remedy: { say: `See the connectivity of ${id} in the RDS console.`, run: ['flasklab doctor --fix'] },
      })
    }
    if (addresses.length > 0 || /::1\b/.test(answer?.text ?? '')) return pass(addresses[0])
    return fail({
      what: `On the server ${endpoint?.host} does not resolve ("Unknown MySQL server host", ENOTFOUND).`,
      why: `The name exists from late in the creation on, and the server remembers for a minute that it did not. Where the DNS of ${vpcId} is switched off, no name resolves there.`,
      remedy: {
        say: 'Wait a minute and look again. If it stays, switch on what the VPC lacks (in the console: VPC, Your VPCs, Edit VPC settings, Enable DNS resolution and Enable DNS hostnames).',
        run: [
          ...['enable-dns-support', 'enable-dns-hostnames'].map(
            (flag) => `aws ec2 modify-vpc-attribute --vpc-id ${vpcId} --${flag} Value=true${inRegion(kit)}`,
          ),
          'flasklab doctor',
        ],
      },
    })
  },
}
