import { GetCallerIdentity$, type GetCallerIdentityResponse } from '@aws-sdk/client-sts'
import { type Call, operation, operationsByName } from './wire/operation.ts'

function getCallerIdentity(_input: unknown, { cloud, caller }: Call): GetCallerIdentityResponse {
  const { account } = cloud.state
  return { Account: account, UserId: caller.id, Arn: `arn:aws:iam::${account}:user/${caller.name}` }
}

export const stsOperations = operationsByName([operation(GetCallerIdentity$, getCallerIdentity)])
