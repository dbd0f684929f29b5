import { GetCallerIdentity$, type GetCallerIdentityResponse } from '@aws-sdk/client-sts'
import { type Call, operation, operationsByName } from './wire/operation.ts'

function getCallerIdentity(_input: unknown, { cloud }: Call): GetCallerIdentityResponse {
  const { account } = cloud.state
  return { Account: account, UserId: 'AIDAPRACTICE0000000000', Arn: `arn:aws:iam::${account}:user/practice` }
}

export const stsOperations = operationsByName([operation(GetCallerIdentity$, getCallerIdentity)])
