import { aws, type Command } from '../lab/command.ts'
import { handout } from '../lab/lab.ts'
import { upInOtherRegion } from '../lab/other-region.ts'
import type { Explain } from './explain.ts'

/** `see`: what shows how much of it is used. */
function limit(
  what: string,
  see: (region: string) => Command,
  quota?: { readonly service: string; readonly code: string },
): Explain {
  return (message, region) => ({
    what: `The account ${what} in ${region}.`,
    why: message,
    remedy: {
      say: 'Delete what is no longer needed, ask for a higher quota, or build the lab in another region.',
      run: [
        see(region),
        ...(quota === undefined
          ? []
          : [
              aws(region, 'service-quotas', 'get-service-quota', {
                'service-code': quota.service,
                'quota-code': quota.code,
              }),
            ]),
        upInOtherRegion(region),
      ],
    },
  })
}

const livingServers = (region: string) =>
  aws(region, 'ec2', 'describe-instances', {
    filters: { Name: 'instance-state-name', Values: ['pending', 'running'] },
  })
const databases = (region: string) => aws(region, 'rds', 'describe-db-instances')
const vcpus = { service: 'ec2', code: 'L-1216C47A' }

export const noVcpus = limit(
  `has no vCPUs left for a ${handout.serverType}, which needs ${handout.serverVcpus},`,
  livingServers,
  vcpus,
)
export const noMoreDatabases = limit('may have no more databases', databases, {
  service: 'rds',
  code: 'L-7B6409FD',
})
export const noMoreSubnetGroups = limit(
  'may have no more DB subnet groups',
  (region) => aws(region, 'rds', 'describe-db-subnet-groups'),
  { service: 'rds', code: 'L-48C6BF61' },
)

export const limitsByCode: Readonly<Record<string, Explain>> = {
  VcpuLimitExceeded: noVcpus,
  InstanceLimitExceeded: limit('may run no more servers', livingServers, vcpus),
  VolumeLimitExceeded: limit('may have no more disks', (region) => aws(region, 'ec2', 'describe-volumes')),
  InstanceQuotaExceeded: noMoreDatabases,
  DBSubnetGroupQuotaExceeded: noMoreSubnetGroups,
  StorageQuotaExceeded: limit('may have no more storage in databases', databases),
  SecurityGroupLimitExceeded: limit(
    'may have no more security groups',
    (region) => aws(region, 'ec2', 'describe-security-groups'),
    { service: 'vpc', code: 'L-E79EC296' },
  ),
}
