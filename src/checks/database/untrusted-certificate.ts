import { aws, type Command, flasklab, onServer } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { withFullStop } from '../../lab/text.ts'
import type { ExaminedLab, Looks } from '../evidence.ts'

const USUAL = 'rds-ca-rsa2048-g1'

/** Tells of a TLS certificate that is not accepted: no password was sent, so none is at fault. */
export async function untrusted({ database, lab }: Looks<'database'>, refusal: Finding): Promise<Finding> {
  const { id, authority = 'an unknown authority', endpoint } = await expectFound(database())
  const said = withFullStop(refusal.why ?? '')
  const what = `The TLS certificate of the database ${id} is not accepted: ${said}`
  const why = 'No password was sent, so none is wrong.'
  if (/expired|not yet valid/i.test(said)) {
    return {
      what,
      why: `${why} Certificates of RDS end, and a clock that is far off makes one look as if it had.`,
      remedy: anotherCertificate(lab, id, 'Have RDS make a new one'),
    }
  }
  if (/altnames|Hostname/i.test(said)) {
    return {
      what,
      why: `${why} The server that answers at ${endpoint?.host} is not that database: another one, or somebody between.`,
      remedy: {
        say: `Compare the name with that of ${id} in the RDS console (Connectivity), and see what it resolves to on the server.`,
        run: [onServer(`getent ahosts ${endpoint?.host}`)],
      },
    }
  }
  const { region } = lab
  return {
    what,
    why: `${why} It is signed by ${authority} of ${region}, which is not among the authorities that flasklab knows and puts into rds-ca.pem; regions that are newer than flasklab have authorities of their own. Without any of them, somebody between could show a certificate of theirs: never switch the verifying off.`,
    remedy:
      authority === USUAL
        ? {
            say: `Update flasklab, then go on, which writes rds-ca.pem anew; or build the lab in another region. (AWS has the authorities of this one at https://truststore.pki.rds.amazonaws.com/${region}/${region}-bundle.pem.)`,
            run: [flasklab('up')],
          }
        : anotherCertificate(lab, id, `Have RDS make a certificate by ${USUAL}`),
  }
}

function anotherCertificate({ region }: ExaminedLab, id: string, first: string): Finding['remedy'] {
  return {
    say: `${first}; the database restarts for it. Then look again.`,
    run: [newCertificate(region, id)],
  }
}

/** Has RDS make the database another certificate, by the usual authority. */
export function newCertificate(region: string, id: string): Command {
  return aws(region, 'rds', 'modify-db-instance', {
    'db-instance-identifier': id,
    'ca-certificate-identifier': USUAL,
    'apply-immediately': true,
  })
}
