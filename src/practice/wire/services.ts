import { freeTierOperations, quotaOperations } from '../account.ts'
import { ec2Operations } from '../ec2/operations.ts'
import { rdsOperations } from '../rds/operations.ts'
import { stsOperations } from '../sts.ts'
import { ec2Protocol } from './ec2-protocol.ts'
import { jsonProtocol } from './json-protocol.ts'
import type { Operations } from './operation.ts'
import type { Protocol } from './protocol.ts'
import { queryProtocol } from './query-protocol.ts'

export interface Service {
  readonly name: string
  /** As requests name it; those in JSON name a target in its place. */
  readonly version: string
  readonly namespace: string
  readonly protocol: Protocol
  readonly operations: Operations
}

const services: readonly Service[] = [
  {
    name: 'ec2',
    version: '2016-11-15',
    namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    protocol: ec2Protocol,
    operations: ec2Operations,
  },
  {
    name: 'rds',
    version: '2014-10-31',
    namespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
    protocol: queryProtocol,
    operations: rdsOperations,
  },
  {
    name: 'sts',
    version: '2011-06-15',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    protocol: queryProtocol,
    operations: stsOperations,
  },
  {
    name: 'servicequotas',
    version: 'ServiceQuotasV20190624',
    namespace: '',
    protocol: jsonProtocol,
    operations: quotaOperations,
  },
  {
    name: 'freetier',
    version: 'AWSFreeTierService',
    namespace: '',
    protocol: jsonProtocol,
    operations: freeTierOperations,
  },
]

export function serviceNamed(name: string): Service | undefined {
  return services.find((service) => service.name === name)
}

export function serviceOfVersion(version: string | null): Service | undefined {
  return services.find((service) => service.version === version)
}
