import { type Check, fail, pass, warn } from '../../lab/check.ts'
import { aws, flasklab } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import type { Looks } from '../evidence.ts'
import { newCertificate } from './untrusted-certificate.ts'

const DAY_MS = 86_400_000

export const dbSupport: Check<Looks<'database'>> = {
  id: 'db-support',
  title: 'Its version is supported, its certificate valid',
  needs: ['db-available'],
  async examine({ database, lab }) {
    const { id, engineVersion, extendedSupport, certificateEnds } = await expectFound(database())
    if (extendedSupport && /^(5\.7|8\.0)(\.|$)/.test(engineVersion)) {
      return fail(pastSupport(id, engineVersion, lab.region))
    }
    const leftMs = certificateEnds === undefined ? undefined : certificateEnds - lab.examinedAt
    if (leftMs !== undefined && leftMs < 30 * DAY_MS) return warn(certificateEndsSoon(id, leftMs, lab.region))
    return pass(`MySQL ${engineVersion}`)
  },
}

function pastSupport(id: string, version: string, region: string): Finding {
  return {
    what: `The database ${id} runs MySQL ${version}, which is past its standard support.`,
    why: 'RDS bills Extended Support for it, several times what the database itself costs.',
    remedy: {
      say: 'Upgrade it to 8.4, and wait until it is available again: what is stored in it stays (in the console: RDS, Modify, Engine version).',
      run: [
        aws(region, 'rds', 'modify-db-instance', {
          'db-instance-identifier': id,
          'engine-version': '8.4',
          'allow-major-version-upgrade': true,
          'apply-immediately': true,
        }),
        flasklab('up'),
      ],
    },
  }
}

function certificateEndsSoon(id: string, leftMs: number, region: string): Finding {
  return {
    what: `The TLS certificate of ${id} ends in ${Math.max(0, Math.floor(leftMs / DAY_MS))} days.`,
    why: 'After that the app refuses the connection, as it should.',
    remedy: {
      say: 'Let RDS make a new one; the database restarts for it.',
      run: [newCertificate(region, id)],
    },
  }
}
