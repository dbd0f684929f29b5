import { aws } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import type { Looks } from '../evidence.ts'

type Seen = Looks<'ssh' | 'site' | 'blockedAccess'>

type Block = 'off' | 'block-ingress' | 'block-bidirectional' | 'unknown'

/** AWS's own block of a whole region: it is asked for only where nothing comes through. */
export async function blockOf(evidence: Seen): Promise<Block> {
  const ways = await Promise.all([evidence.ssh, evidence.site].map((probe) => probe().catch(() => undefined)))
  if (ways.some((way) => way !== 'silent')) return 'off'
  // Not every student may ask.
  return (await evidence.blockedAccess().catch(() => undefined)) ?? 'unknown'
}

export async function publicAccessBlocked({ server, lab }: Looks<'server'>, mode: Block): Promise<Finding> {
  const { vpcId } = await expectFound(server())
  return {
    what: `VPC Block Public Access is on in ${lab.region} (${mode}): its internet gateways let nobody in.`,
    why: `It stands before network ACLs and security groups, for all VPCs of the account that are not excepted, and nothing comes through to ${vpcId}.`,
    remedy: {
      say: 'Except the lab’s VPC from it, which takes some minutes (in the console: VPC, Settings, Block public access, Create exclusions). If AWS refuses, your organisation or course has set it: ask there.',
      run: [
        aws(lab.region, 'ec2', 'create-vpc-block-public-access-exclusion', {
          'vpc-id': vpcId,
          'internet-gateway-exclusion-mode': 'allow-bidirectional',
        }),
      ],
    },
  }
}
