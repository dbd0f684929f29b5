import { AwsError } from './aws-error.ts'
import type { Protocol } from './protocol.ts'
import { documentOf, element, encodeOutput } from './xml.ts'

/** The protocol of RDS and STS. */
export const queryProtocol: Protocol = {
  contentType: 'text/xml;charset=UTF-8',
  dialect: {
    flattened: false,
    key: (name, { xmlName }) => xmlName ?? name,
    missing: (key) => {
      const text = `1 validation error detected: Value null at '${key}' failed to satisfy constraint: Member must not be null`
      return new AwsError('ValidationError', text)
    },
    invalid: (key, text, expected) =>
      new AwsError('InvalidParameterValue', `Invalid value '${text}' for ${key}: expected ${expected}`),
    // AWS Query services pass over parameters that are younger than they are.
    unknown: () => undefined,
  },
  answer: (schema, output, namespace, requestId) => {
    const result = element(`${schema[2]}Result`, encodeOutput(schema[5], output))
    const metadata = element('ResponseMetadata', [element('RequestId', requestId)])
    const content = schema[5] === 'unit' ? [metadata] : [result, metadata]
    return documentOf(element(`${schema[2]}Response`, content, namespace))
  },
  failure: ({ code, message, status }, namespace, requestId) => {
    const type = element('Type', status < 500 ? 'Sender' : 'Receiver')
    const error = element('Error', [type, element('Code', code), element('Message', message)])
    return documentOf(element('ErrorResponse', [error, element('RequestId', requestId)], namespace))
  },
  refusal: {
    noCredentials: () =>
      new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403),
    unknownKey: () =>
      new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
    expired: (sentAt, now, earliest) =>
      new AwsError('SignatureDoesNotMatch', expiredText(sentAt, now, earliest), 403),
    expiredKey: () =>
      new AwsError('ExpiredToken', 'The security token included in the request is expired', 403),
    wrongSignature: () =>
      new AwsError(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
        403,
      ),
    unknownAction: (action, version) =>
      new AwsError('InvalidAction', `Could not find operation ${action} for version ${version}`),
    internal: () => new AwsError('InternalFailure', 'An internal error has occurred', 500),
  },
}

function expiredText(sentAt: string, now: string, limit: string): string {
  return sentAt < now
    ? `Signature expired: ${sentAt} is now earlier than ${limit} (${now} - 15 min.)`
    : `Signature not yet current: ${sentAt} is still later than ${limit} (${now} + 15 min.)`
}
