import type { IncomingMessage } from 'node:http'
import { AwsError } from './aws-error.ts'
import type { SignedRequest } from './signature.ts'

const LONGEST_BODY = 1024 * 1024

/** Takes a request in, if it is one that an AWS client would send: no browser page can make one that passes. */
export async function readRequest(request: IncomingMessage): Promise<SignedRequest> {
  const { headers } = request
  if (request.method !== 'POST') {
    throw new AwsError(
      'InvalidAction',
      `The method ${request.method} is not supported: send POST requests.`,
      405,
    )
  }
  if (request.url !== '/') throw new AwsError('InvalidURI', 'The only path of this API is /.', 404)
  if (headers.origin !== undefined) throw new AwsError('AccessDenied', 'Web pages have no access.', 403)
  if (!isLoopback(headers.host)) {
    throw new AwsError('AccessDenied', 'This API is for this computer only: address it as 127.0.0.1.', 403)
  }
  if (
    !/^application\/(x-www-form-urlencoded|x-amz-json-1\.[01])\s*(;|$)/i.test(headers['content-type'] ?? '')
  ) {
    const text = 'The content type must be application/x-www-form-urlencoded or application/x-amz-json-1.1.'
    throw new AwsError('InvalidRequest', text, 415)
  }
  return { headers, body: await readBody(request) }
}

/** A page that a name was rebound for sends the name it was opened under. */
function isLoopback(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?$/i.test(host ?? '')
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  // The stream stays open when the loop is left early: the refusal still has to be sent on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length
    if (length > LONGEST_BODY) {
      throw new AwsError('RequestEntityTooLarge', 'The request is longer than 1 MiB.', 413)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
