import { expectFound } from '../../lab/expect-found.ts'
import type { Finding, LabError } from '../../lab/finding.ts'
import { inRegion } from '../../lab/in-region.ts'
import { withFullStop } from '../../lab/text.ts'
import type { Evidence } from '../evidence.ts'

const USUAL = 'rds-ca-rsa2048-g1'

/** Of a TLS certificate that the doctor does not accept: no password was sent, so none is at fault. */
export async function untrusted(evidence: Evidence, { finding, cause }: LabError): Promise<Finding> {
  const { id, authority = 'an unknown authority', endpoint } = await expectFound(evidence.database())
  const said = withFullStop((cause as Error | undefined)?.message ?? finding.why ?? '')
  const what = `The TLS certificate of the database ${id} is not accepted: ${said}`
  const why = 'No password was sent, so none is wrong.'
  if (/expired|not yet valid/i.test(said)) {
    return {
      what,
      why: `${why} Certificates of RDS end, and a clock that is far off makes one look as if it had.`,
      remedy: newCertificate(evidence, id, 'Have RDS make a new one'),
    }
  }
  if (/altnames|Hostname/i.test(said)) {
    return {
      what,
      why: `${why} What answers at ${endpoint?.host} is not that database: another one, or somebody between.`,
      remedy: {
        say: `Compare the name with that of ${id} in the RDS console (Connectivity), and see what it resolves to on the server.`,
        run: [`flasklab ssh -- getent ahosts ${endpoint?.host}`],
      },
    }
  }
  const { region } = evidence.kit.cloud
  return {
    what,
    why: `${why} It is signed by ${authority} of ${region}, which is not among the authorities that flasklab knows and puts into rds-ca.pem; regions that are newer than flasklab have authorities of their own. Without any of them, somebody between could show a certificate of theirs: never switch the verifying off.`,
    remedy:
      authority === USUAL
        ? {
            say: `Update flasklab, then go on, which writes rds-ca.pem anew; or build the lab in another region. (AWS has the authorities of this one at https://truststore.pki.rds.amazonaws.com/${region}/${region}-bundle.pem.)`,
            run: ['flasklab up'],
          }
        : newCertificate(evidence, id, `Have RDS make a certificate by ${USUAL}`),
  }
}

function newCertificate({ kit }: Evidence, id: string, first: string): Finding['remedy'] {
  return {
    say: `${first}; the database restarts for it. Then look again.`,
    run: [
      `aws rds modify-db-instance --db-instance-identifier ${id} --ca-certificate-identifier ${USUAL} --apply-immediately${inRegion(kit)}`,
    ],
  }
}
