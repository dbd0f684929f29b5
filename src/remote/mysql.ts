import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { OpenSql } from '../lab/ports/host.ts'

const CONNECT_MS = 10_000

/** MySQL through an SSH tunnel: the server makes the connection, TLS reaches from here to the database. */
export function createSql(ca: string): OpenSql {
  return async (host, { endpoint, user, password, database }) => {
    // Loaded when it is used: it takes as long as all else that opens a lab, and most commands ask no database.
    const { createConnection } = await import('mysql2')
    const stream = await host.tunnel(endpoint, CONNECT_MS)
    try {
      const bare = createConnection({
        stream,
        // The name to verify: without verifyIdentity mysql2 accepts any that the authority has signed.
        host: endpoint.host,
        ssl: { ca, verifyIdentity: true },
        user,
        password: password.reveal(),
        database,
        connectTimeout: CONNECT_MS,
        charset: 'utf8mb4',
      })
      // A connection that is lost may say so more than once; unheard, the second time would end the process.
      bare.on('error', () => {})
      const connection = bare.promise()
      await connection.connect()
      return {
        async query(statement, values) {
          const [rows] = await connection.execute(statement, [...values] as string[])
          return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
        },
        async refusalOf(statement) {
          try {
            const prepared = await connection.prepare(statement)
            await prepared.close()
            return undefined
          } catch (error) {
            const { code, sqlState, message } = error as { code?: string; sqlState?: string; message: string }
            // Without an SQL state it was not the database that spoke.
            if (sqlState === undefined) throw error
            return `${message} (${code})`
          }
        },
        close: () => connection.end(),
      }
    } catch (cause) {
      stream.destroy()
      throw refused(endpoint.host, user, cause)
    }
  }
}

/** Error numbers of MySQL and MariaDB: a locked account, a password that has ended, a host that no account is for. */
const REFUSALS = [3118, 4151, 1820, 1862, 1130]
/** Words of OpenSSL and Node.js about the certificate that was shown. */
const DISTRUST = /certificate|altnames|CERT_/i

interface SqlFailure {
  readonly code?: string
  readonly errno?: number
  readonly sqlState?: string
  readonly message: string
}

function refused(host: string, user: string, cause: unknown): LabError {
  const { code, errno = 0, sqlState, message } = cause as SqlFailure
  if (sqlState === '28000' || REFUSALS.includes(errno)) {
    return new LabError(
      {
        what: `The database at ${host} does not let ${user} in (${code ?? `error ${errno}`}).`,
        why: message,
        remedy: {
          say: 'Go through the phases again: they put users and rules right.',
          run: [flasklab('up')],
        },
      },
      { cause, code: 'login-refused' },
    )
  }
  if (code === 'HANDSHAKE_SSL_ERROR' && DISTRUST.test(message)) {
    return new LabError(
      {
        what: `The TLS certificate that the database at ${host} shows is not accepted.`,
        why: message,
        remedy: { say: 'Let the doctor say who should have signed it.', run: [flasklab('doctor')] },
      },
      { cause, code: 'untrusted' },
    )
  }
  return new LabError(
    {
      what: `The connection of ${user} to the database at ${host} fails (${code ?? 'no code'}).`,
      why: message,
      remedy: { say: 'Go on in a minute; if it fails again, ask the doctor.', run: [flasklab('doctor')] },
    },
    { cause },
  )
}
