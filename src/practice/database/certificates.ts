import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** The certificate authority of this practice cloud, in place of the RDS bundle. Made once. */
export interface Authority {
  readonly certificate: string
  readonly privateKey: string
}

const YEARS_MS = 10 * 365 * 86_400_000
const validity = () => ({
  // A laptop's clock may run behind a little.
  notBeforeDate: new Date(Date.now() - 86_400_000),
  notAfterDate: new Date(Date.now() + YEARS_MS),
  algorithm: 'sha256' as const,
  keyType: 'ec' as const,
})

export async function openAuthority(folder: string): Promise<Authority> {
  const certificateFile = join(folder, 'ca.pem')
  const keyFile = join(folder, 'ca-key.pem')
  if (!existsSync(certificateFile)) {
    const made = await generate([{ name: 'commonName', value: 'flasklab practice CA' }], {
      ...validity(),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    })
    writeFileSync(keyFile, made.private, { mode: 0o600 })
    writeFileSync(certificateFile, made.cert, { mode: 0o600 })
  }
  return { certificate: readFileSync(certificateFile, 'utf8'), privateKey: readFileSync(keyFile, 'utf8') }
}

/** A server certificate for the endpoint name of practice databases, written where the engine reads it. */
export async function writeServerCertificate(authority: Authority, folder: string): Promise<void> {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...validity(),
    ca: { key: authority.privateKey, cert: authority.certificate },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        // mysql2 checks the name `localhost` for every loopback address.
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  writeFileSync(join(folder, 'ca.pem'), authority.certificate, { mode: 0o600 })
  writeFileSync(join(folder, 'server.pem'), made.cert, { mode: 0o600 })
  writeFileSync(join(folder, 'server-key.pem'), made.private, { mode: 0o600 })
}
