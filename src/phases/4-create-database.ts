import { flasklab } from '../lab/command.ts'
import { toDatabase } from '../lab/facts.ts'
import { hasCode, LabError } from '../lab/finding.ts'

import type { Database, Network } from '../lab/lab.ts'
import { namesFor, namesOf } from '../lab/names.ts'
import type { Phase } from '../lab/phase.ts'
import type { Regions } from '../lab/ports/account.ts'
import type { WithCloud } from '../lab/ports/cloud.ts'
import type { DatabaseSeen, DatabaseSpec, Databases } from '../lab/ports/databases.ts'
import type { SecurityGroups } from '../lab/ports/groups.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { Deletion, Resources } from '../lab/ports/resources.ts'
import { newPassword, Secret } from '../lab/secret.ts'
import { waitFor } from '../lab/wait.ts'
import { deadEnd, isStillborn, recreate } from './database-dead-end.ts'
import { refuseSecond } from './lost-tags.ts'
import { ensureFirewall } from './security-groups.ts'

type CreateKit = Pick<Kit, 'clock' | 'myAddress' | 'record' | 'tell'> &
  WithCloud<Databases & SecurityGroups & Resources & Regions>

// RDS says "up to 20 minutes"; a busy day in a busy region takes a little more.
const CREATE_MS = 1_800_000

export const createDatabase: Phase<'database', 'network'> = {
  id: 'create-database',
  fact: 'database',
  title: 'Create the MySQL database in RDS',
  lesson:
    'RDS runs MySQL for you: patched, encrypted, and private, so that only your server can reach it. It takes some minutes, which is why it was begun before anything else.',
  needs: ['network'],

  async start({ network }, kit, number) {
    if (await kit.cloud.findDatabase()) return false
    await create(network, kit)
    const text = `The database (phase ${number}) takes longest, so it is being created already.`
    kit.tell({ kind: 'note', text })
    return true
  },

  async find(_lab, kit) {
    const seen = await kit.snapshot.seen.findDatabase()
    if (seen === undefined) return undefined
    tellOfDatabase(seen.id, kit)
    return available(seen)
  },

  async make({ network }, kit) {
    const seen = await withoutStillborn(kit)
    if (seen === undefined) await create(network, kit)
    if (seen?.status === 'stopped') {
      kit.tell({ kind: 'step', text: `the database ${seen.id} was stopped: starting it` })
      await kit.cloud.startDatabase(seen.id)
    }
    return untilAvailable(seen?.id ?? namesOf(kit.record.value).database, network, kit)
  },

  describe: ({ id, endpoint }) => `${id} at ${endpoint.host}:${endpoint.port}`,
}

/** The database as it is found, but for a stillborn one, which is deleted to be created again. */
async function withoutStillborn(
  kit: Pick<Kit, 'tell'> & WithCloud<Databases & Deletion>,
): Promise<DatabaseSeen | undefined> {
  const seen = await kit.cloud.findDatabase()
  if (seen === undefined || !isStillborn(seen)) return seen
  const why = (await kit.cloud.databaseEvents(seen.id)).at(-1) ?? 'RDS noted no event that tells why'
  kit.tell({
    kind: 'step',
    text: `the database ${seen.id} failed while it was being created (${why}): deleting it, to create it again`,
  })
  await kit.cloud.remove({ kind: 'database', id: seen.id, name: seen.id })
  return undefined
}

async function create(network: Network, kit: CreateKit): Promise<void> {
  await refuseSecond('database', kit)
  const groups = await ensureFirewall(network, kit)
  const subnetGroup = kit.record.value.names?.subnetGroup
  if (subnetGroup !== undefined) kit.tell({ kind: 'exists', what: 'subnet group', id: subnetGroup })
  await createUnderFreeName(
    {
      subnetIds: network.databaseSubnets.map((subnet) => subnet.id),
      groupIds: [groups.database],
      masterPassword: passwords(kit).master,
    },
    kit,
  )
  tellOfDatabase(namesOf(kit.record.value).database, kit)
}

/** In a class that begins at the same minute, a name that was free when it was chosen may be taken by now. */
async function createUnderFreeName(
  spec: DatabaseSpec,
  kit: Pick<Kit, 'record' | 'tell'> & WithCloud<Databases>,
): Promise<void> {
  const { names } = kit.record.value
  try {
    await kit.cloud.createDatabase(spec)
  } catch (error) {
    const all = namesFor(kit.record.value).map(({ database }) => database)
    const next = all[all.indexOf(names?.database ?? '') + 1]
    if (!hasCode(error, 'name-taken') || names === undefined || next === undefined) throw error
    kit.tell({ kind: 'step', text: `somebody else has ${names.database} by now: this database is ${next}` })
    kit.record.save({ names: { ...names, database: next } })
    await createUnderFreeName(spec, kit)
  }
}

/** One that is interrupted is told of what exists: of each thing once, by its words. */
export function tellOfDatabase(id: string, { tell }: Pick<Kit, 'tell'>): void {
  tell({ kind: 'exists', what: 'database', id })
}

/** The lab's two database passwords, if they were made: looking makes none. */
export function knownPasswords({ record }: Pick<Kit, 'record'>): Passwords | undefined {
  const saved = record.value.passwords
  return saved && { master: new Secret(saved.master), app: new Secret(saved.app) }
}

interface Passwords {
  readonly master: Secret
  readonly app: Secret
}

/** The lab's two database passwords; made and saved before anything uses them. */
export function passwords(kit: Pick<Kit, 'record'>): Passwords {
  const known = knownPasswords(kit)
  if (known !== undefined) return known
  const made = { master: newPassword(), app: newPassword() }
  kit.record.save({ passwords: { master: made.master.reveal(), app: made.app.reveal() } })
  return made
}

async function untilAvailable(id: string, network: Network, kit: CreateKit): Promise<Database> {
  const probe = async () => {
    const seen = await kit.cloud.findDatabase()
    const end = seen && (await deadEnd(seen, kit, recreate(seen)))
    if (end) throw new LabError(end)
    // It was being deleted when we looked first, and is gone now.
    if (seen === undefined) await create(network, kit)
    return seen && available(seen)
  }
  const title = `the database ${id}`
  const database = await waitFor({ title, everyMs: 8_000, forMs: CREATE_MS }, probe, kit)
  if (database) return database
  throw new LabError({
    what: `The database ${id} is still not available after ${CREATE_MS / 60_000} minutes.`,
    remedy: {
      say: 'Look at its state in the RDS console; go on when it says Available.',
      run: [flasklab('status'), flasklab('up')],
    },
  })
}

function available(seen: DatabaseSeen): Database | undefined {
  return seen.status === 'available' ? toDatabase(seen) : undefined
}
