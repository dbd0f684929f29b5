import type { Finding } from '../lab/finding.ts'
import { inRegion } from './in-region.ts'
import type { Sight } from './sight.ts'
import { there } from './there.ts'

type Block = 'off' | 'block-ingress' | 'block-bidirectional' | 'unknown'

/** AWS's own block of a whole region: it is asked for only where nothing comes through. */
export async function blockOf(sight: Sight): Promise<Block> {
  const ways = await Promise.all([sight.ssh, sight.site].map((knock) => knock().catch(() => undefined)))
  if (ways.some((way) => way !== 'silent')) return 'off'
  // Not every student may ask.
  return (await sight.blockedAccess().catch(() => undefined)) ?? 'unknown'
}

export async function publicAccessBlocked({ server, kit }: Sight, mode: Block): Promise<Finding> {
  const { vpcId } = await there(server())
  return {
    what: `VPC Block Public Access is on in ${kit.cloud.region} (${mode}): its internet gateways let nobody in.`,
    why: `It stands before network ACLs and security groups, for all VPCs of the account that are not excepted, and nothing comes through to ${vpcId}.`,
    remedy: {
      say: 'Except the lab’s VPC from it, which takes some minutes (in the console: VPC, Settings, Block public access, Create exclusions). If AWS refuses, your organisation or course has set it: ask there.',
      run: [
        `aws ec2 create-vpc-block-public-access-exclusion --vpc-id ${vpcId} --internet-gateway-exclusion-mode allow-bidirectional${inRegion(kit)}`,
      ],
    },
  }
}
