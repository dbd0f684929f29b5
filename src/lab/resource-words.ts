import type { ResourceKind } from './ports/resources.ts'

/** AWS's name for each kind of resource that a lab may hold. */
export const RESOURCE_WORDS: Readonly<Record<ResourceKind, string>> = {
  server: 'EC2 instance',
  database: 'RDS database',
  'subnet-group': 'DB subnet group',
  'security-group': 'security group',
  'key-pair': 'key pair',
  volume: 'EBS volume',
  'network-interface': 'network interface',
  address: 'Elastic IP',
  snapshot: 'DB snapshot',
  'automated-backup': 'automated backup',
  'log-group': 'log group',
}
