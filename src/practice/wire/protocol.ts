import type { AwsError } from './aws-error.ts'
import type { OperationSchema } from './operation.ts'
import type { Dialect } from './query.ts'

/** One of the two Query protocols: how a request is read, how an answer is written, how callers are turned away. */
export interface Protocol {
  readonly dialect: Dialect
  readonly contentType: string
  answer(schema: OperationSchema, output: unknown, namespace: string, requestId: string): string
  failure(error: AwsError, namespace: string, requestId: string): string
  readonly refusal: Refusals
}

interface Refusals {
  noCredentials(): AwsError
  unknownKey(): AwsError
  expired(sentAt: string, now: string, earliest: string): AwsError
  expiredKey(): AwsError
  wrongSignature(): AwsError
  unknownAction(action: string, version: string): AwsError
  internal(): AwsError
}
