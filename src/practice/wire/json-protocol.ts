import { AwsError } from './aws-error.ts'
import type { Protocol } from './protocol.ts'
import { queryProtocol } from './query-protocol.ts'

/** The protocol of Service Quotas and of the free tier: what is asked for stands in a header. */
export const jsonProtocol: Protocol = {
  ...queryProtocol,
  contentType: 'application/x-amz-json-1.1',
  answer: (_schema, output) => JSON.stringify(output),
  failure: ({ code, message }) => JSON.stringify({ __type: code, message }),
}

/** Throws AWS's refusal of a body that is not JSON. */
export function readJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    throw new AwsError('SerializationException', 'The body is not JSON.')
  }
}
