import { freeTierOperations, quotaOperations } from './account.ts'
import { ec2Operations } from './ec2/operations.ts'
import { rdsOperations } from './rds/operations.ts'
import { stsOperations } from './sts.ts'
import { ec2Protocol } from './wire/ec2-protocol.ts'
import { jsonProtocol } from './wire/json-protocol.ts'
import { queryProtocol } from './wire/query-protocol.ts'
import type { ApiService } from './wire/service.ts'

/** All that the practice cloud speaks. */
export const services: readonly ApiService[] = [
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
