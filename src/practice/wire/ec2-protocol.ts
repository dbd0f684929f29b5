import { AwsError } from './aws-error.ts'
import type { Protocol } from './protocol.ts'
import { documentOf, element, encodeOutput } from './xml.ts'

export const ec2Protocol: Protocol = {
  contentType: 'text/xml;charset=UTF-8',
  dialect: {
    flattened: true,
    key: (name, { ec2QueryName, xmlName }) => ec2QueryName ?? capitalized(xmlName ?? name),
    missing: (key) => new AwsError('MissingParameter', `The request must contain the parameter ${key}`),
    invalid: (key, text, expected) =>
      new AwsError(
        'InvalidParameterValue',
        `Value (${text}) for parameter ${key} is invalid. Expected ${expected}.`,
      ),
    unknown: (key) => new AwsError('UnknownParameter', `The parameter ${key} is not recognized`),
  },
  answer: (schema, output, namespace, requestId) => {
    const result = schema[5] === 'unit' ? [element('return', 'true')] : encodeOutput(schema[5], output)
    return documentOf(
      element(`${schema[2]}Response`, [element('requestId', requestId), ...result], namespace),
    )
  },
  failure: ({ code, message }, _namespace, requestId) => {
    const error = element('Error', [element('Code', code), element('Message', message)])
    return documentOf(element('Response', [element('Errors', [error]), element('RequestID', requestId)]))
  },
  refusal: {
    noCredentials: () =>
      new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403),
    unknownKey: () =>
      new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401),
    expired: () => new AwsError('RequestExpired', 'Request has expired.'),
    // EC2 has one word for both.
    expiredKey: () => new AwsError('RequestExpired', 'Request has expired.'),
    wrongSignature: () =>
      new AwsError(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
        403,
      ),
    unknownAction: (action) =>
      new AwsError('InvalidAction', `The action ${action} is not valid for this web service.`),
    internal: () => new AwsError('InternalError', 'An internal error has occurred', 500),
  },
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
