import { type Check, fail, type Mend, pass, warn } from '../lab/check.ts'
import { expectFound } from '../lab/expect-found.ts'
import type { Finding } from '../lab/finding.ts'
import { inRegion } from '../lab/in-region.ts'
import { handout } from '../lab/lab.ts'
import { createDatabase, deadEnd } from '../phases/4-create-database.ts'
import { lost, lostTags } from '../phases/lost-tags.ts'
import type { Evidence } from './evidence.ts'

const DAY_MS = 86_400_000

const dbExists: Check<Evidence> = {
  id: 'db-exists',
  title: 'The RDS database exists',
  needs: ['region'],
  async examine({ database, kit }) {
    const seen = await database()
    if (seen) return pass(seen.id)
    const untagged = await lost('database', kit)
    if (untagged !== undefined) return fail(lostTags(untagged, kit))
    const name = kit.record.value.names?.database ?? handout.database
    return fail({
      what: `There is no database of this lab in ${kit.cloud.region}.`,
      why: `None carries its tags: ${name} was never created (phase 4), or somebody deleted it, and with it what was stored.`,
      remedy: {
        say: 'Create it. In the console it would be under RDS, Databases; look at the region at the top right.',
        run: ['flasklab up'],
      },
    })
  },
}

const ON_ITS_WAY = [
  'creating',
  'backing-up',
  'starting',
  'rebooting',
  'modifying',
  'resetting-master-credentials',
  'configuring-enhanced-monitoring',
  'maintenance',
  'upgrading',
  'renaming',
  'stopping',
]

const dbAvailable: Check<Evidence> = {
  id: 'db-available',
  title: 'The database is available',
  needs: ['db-exists'],
  async examine(evidence) {
    const seen = await expectFound(evidence.database())
    const { id, status } = seen
    if (status === 'available') return pass()
    const end = await deadEnd(seen, evidence.kit)
    if (end !== undefined) return fail(end)
    const finding: Finding = {
      what: `The database ${id} is "${status}", not available.`,
      why:
        status === 'stopped'
          ? 'A stopped database accepts no connections. Its storage bills all the same, and AWS starts it again by itself after 7 days.'
          : ON_ITS_WAY.includes(status)
            ? 'It accepts no connections until it is available again, which takes some minutes.'
            : ((await evidence.kit.cloud.databaseEvents(id)).at(-1) ?? 'RDS notes no event that tells why.'),
      remedy: {
        say: `${status === 'stopped' ? 'Start it' : 'Wait until it is available'} (in the console: RDS, Databases, ${id}).`,
        run:
          evidence.kit.isHandmade && status === 'stopped'
            ? [`aws rds start-db-instance --db-instance-identifier ${id}${inRegion(evidence.kit)}`]
            : ['flasklab up'],
      },
    }
    return fail(finding, evidence.kit.isHandmade ? undefined : start(evidence, id))
  },
}

function start(evidence: Evidence, id: string): Mend {
  return {
    title: `start the database ${id}, or wait for it`,
    async apply() {
      const network = await evidence.kit.cloud.findNetwork()
      await createDatabase.make({ network } as never, evidence.kit)
    },
  }
}

const dbPrivate: Check<Evidence> = {
  id: 'db-private',
  title: 'The database is not open to the internet',
  // A database can be modified only while it is available.
  needs: ['db-available'],
  async examine({ database, kit }) {
    const { id, isPublic } = await expectFound(database())
    if (!isPublic) return pass()
    return fail(
      {
        what: `The database ${id} is publicly accessible.`,
        why: 'It has an address on the internet, where only its security group and its password stand between it and everybody. The server reaches it without.',
        remedy: {
          say: 'Make it private (in the console: RDS, Modify, Connectivity, Not publicly accessible).',
          run: [
            `aws rds modify-db-instance --db-instance-identifier ${id} --no-publicly-accessible --apply-immediately${inRegion(kit)}`,
          ],
        },
      },
      { title: `make ${id} private`, apply: () => kit.cloud.setPublicAccess(id, false) },
    )
  },
}

const dbSupport: Check<Evidence> = {
  id: 'db-support',
  title: 'Its version is supported, its certificate valid',
  needs: ['db-available'],
  async examine({ database, kit }) {
    const { id, engineVersion, extendedSupport, certificateEnds } = await expectFound(database())
    if (extendedSupport && /^(5\.7|8\.0)(\.|$)/.test(engineVersion)) {
      return fail(pastSupport(id, engineVersion, inRegion(kit)))
    }
    const leftMs = certificateEnds === undefined ? undefined : certificateEnds - kit.clock.now()
    if (leftMs !== undefined && leftMs < 30 * DAY_MS)
      return warn(certificateEndsSoon(id, leftMs, inRegion(kit)))
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
        `aws rds modify-db-instance --db-instance-identifier ${id} --engine-version 8.4 --allow-major-version-upgrade --apply-immediately${region}`,
        'flasklab up',
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
      run: [
        `aws rds modify-db-instance --db-instance-identifier ${id} --ca-certificate-identifier rds-ca-rsa2048-g1 --apply-immediately${region}`,
      ],
    },
  }
}

export const databaseChecks = [dbExists, dbAvailable, dbPrivate, dbSupport]
