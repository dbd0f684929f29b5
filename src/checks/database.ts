import { isIPv4 } from 'node:net'
import { type Check, fail, type Mend, pass, warn } from '../lab/check.ts'
import type { Finding } from '../lab/finding.ts'
import { cidrContains } from '../lab/firewall.ts'
import { handout } from '../lab/lab.ts'
import { createDatabase } from '../phases/4-create-database.ts'
import { dbLogin } from './db-login.ts'
import { dbSchema } from './db-schema.ts'
import { inRegion } from './in-region.ts'
import type { Sight } from './sight.ts'
import { there } from './there.ts'

const DAY_MS = 86_400_000

const dbExists: Check<Sight> = {
  id: 'db-exists',
  title: 'The RDS database exists',
  needs: ['region'],
  async examine({ database, kit }) {
    const seen = await database()
    if (seen) return pass(seen.id)
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

const dbAvailable: Check<Sight> = {
  id: 'db-available',
  title: 'The database is available',
  needs: ['db-exists'],
  async examine(sight) {
    const { id, status } = await there(sight.database())
    if (status === 'available') return pass()
    const isOnItsWay = ON_ITS_WAY.includes(status)
    const finding: Finding = {
      what: `The database ${id} is "${status}", not available.`,
      why:
        status === 'stopped'
          ? 'A stopped database accepts no connections. Its storage bills all the same, and AWS starts it again by itself after 7 days.'
          : isOnItsWay
            ? 'It accepts no connections until it is available again, which takes some minutes.'
            : ((await sight.kit.cloud.databaseEvents(id)).at(-1) ?? 'RDS notes no event that tells why.'),
      remedy: {
        say: `${status === 'stopped' ? 'Start it' : 'Wait until it is available'} (in the console: RDS, Databases, ${id}).`,
        run:
          sight.kit.isHandmade && status === 'stopped'
            ? [`aws rds start-db-instance --db-instance-identifier ${id}${inRegion(sight.kit)}`]
            : ['flasklab up'],
      },
    }
    return fail(finding, sight.kit.isHandmade ? undefined : start(sight, id))
  },
}

function start(sight: Sight, id: string): Mend {
  return {
    title: `start the database ${id}, or wait for it`,
    async apply() {
      const network = await sight.kit.cloud.findNetwork()
      await createDatabase.make({ network } as never, sight.kit)
    },
  }
}

const dbPrivate: Check<Sight> = {
  id: 'db-private',
  title: 'The database is not open to the internet',
  needs: ['db-exists'],
  async examine({ database, kit }) {
    const { id, isPublic } = await there(database())
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

const dbSupport: Check<Sight> = {
  id: 'db-support',
  title: 'Its version is supported, its certificate valid',
  needs: ['db-exists'],
  async examine({ database, kit }) {
    const { id, engineVersion, extendedSupport, certificateEnds } = await there(database())
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

const PRIVATE_BLOCKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8']

const dbDns: Check<Sight> = {
  id: 'db-dns',
  title: 'The endpoint resolves to a private address',
  needs: ['ssh-login', 'db-available'],
  async examine({ around, database }) {
    const { id, endpoint } = await there(database())
    const answer = (await around())['dns']
    const addresses = (answer?.text.match(/\d+\.\d+\.\d+\.\d+/g) ?? []).filter((each) => isIPv4(each))
    const open = addresses.find((each) => !PRIVATE_BLOCKS.some((block) => cidrContains(block, each)))
    if (open !== undefined) {
      return fail({
        what: `On the server ${endpoint?.host} resolves to ${open}, an address on the internet.`,
        why: 'The database is publicly accessible, or the VPC’s own DNS is not asked: the rules that name the server’s group do not hold on that way.',
        remedy: { say: `See the connectivity of ${id} in the RDS console.`, run: ['flasklab doctor --fix'] },
      })
    }
    if (addresses.length > 0 || /::1\b/.test(answer?.text ?? '')) return pass(addresses[0])
    return fail({
      what: `On the server ${endpoint?.host} does not resolve ("Unknown MySQL server host", ENOTFOUND).`,
      why: 'The name exists from late in the creation on, and the server remembers for a minute that it did not.',
      remedy: {
        say: 'Wait a minute and look again. DNS resolution of the VPC must be on.',
        run: ['flasklab doctor'],
      },
    })
  },
}

const dbPort: Check<Sight> = {
  id: 'db-port',
  title: 'The database greets on its port',
  needs: ['ssh-login', 'db-available', 'db-ingress', 'db-egress'],
  async examine({ way, server, database }) {
    const found = await way()
    if (found === 'answers') return pass()
    const [{ id }, theirs] = [await there(server()), await there(database())]
    const where = `${theirs.endpoint?.host}:${theirs.endpoint?.port}`
    return fail({
      what:
        found === 'refused'
          ? `From ${id} the connection to ${where} is refused.`
          : `From ${id} nothing answers at ${where}, although the rules allow it.`,
      why:
        found === 'refused'
          ? 'The packets arrive and nobody listens: the engine is restarting, or the port is another one.'
          : 'Something that is neither a security group nor a network ACL drops the packets: a firewall on the server, or a route.',
      remedy: {
        say: 'Look again in a minute; then restart the database in the RDS console.',
        run: ['flasklab doctor'],
      },
    })
  },
}

export const databaseChecks = [dbExists, dbAvailable, dbPrivate, dbSupport]
export const databaseOnServerChecks = [dbDns, dbPort, dbLogin, dbSchema]
