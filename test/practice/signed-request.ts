import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { request } from 'node:http'
import { SignatureV4 } from '@smithy/signature-v4'
import { key, type TestCloud } from './support.ts'

export interface Wish {
  readonly body: string
  readonly service?: string
  readonly region?: string
  readonly credentials?: { accessKeyId: string; secretAccessKey: string }
  readonly signingDate?: Date
  /** Changes made after the signature. */
  readonly tamper?: {
    readonly body?: string
    readonly headers?: Record<string, string>
    readonly method?: string
  }
  readonly unsigned?: boolean
}

export interface Reply {
  readonly status: number
  readonly body: string
  readonly code: string | undefined
  readonly message: string | undefined
}

/** A request as some other client would make it, signed by the SDK's own signer and sent as bytes. */
export async function sendRaw(test: TestCloud, wish: Wish): Promise<Reply> {
  const { hostname, port } = new URL(test.endpoint)
  const { body, tamper = {} } = wish
  const plain = {
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/',
    query: {},
    headers: { host: `${hostname}:${port}`, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  }
  const signer = new SignatureV4({
    service: wish.service ?? 'ec2',
    region: wish.region ?? 'us-east-1',
    credentials: wish.credentials ?? key,
    sha256: Sha256,
  })
  const signed = wish.unsigned
    ? plain
    : await signer.sign(plain, { signingDate: wish.signingDate ?? new Date() })
  const headers = { ...signed.headers, ...tamper.headers }
  return await exchange(hostname, port, tamper.method ?? 'POST', headers, tamper.body ?? body)
}

function exchange(
  hostname: string,
  port: string,
  method: string,
  headers: Record<string, string>,
  body: string,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path: '/', headers }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const inside = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(text)?.[1]
        resolve({
          status: incoming.statusCode ?? 0,
          body: text,
          code: inside('Code'),
          message: inside('Message'),
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

class Sha256 {
  readonly #hash: Hash | Hmac
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret))
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data)
}
