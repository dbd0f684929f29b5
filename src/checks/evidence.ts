import type { LabRecord } from '../lab/lab-record.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { Laptop } from '../lab/ports/laptop.ts'
import { readingPages } from '../phases/login-probe.ts'
import { type AccountLooks, accountLooks } from './evidence/account.ts'
import { type CloudLooks, cloudLooks } from './evidence/cloud.ts'
import { accessSql, type DatabaseLooks, databaseLooks } from './evidence/database.ts'
import { enterServer } from './evidence/entry.ts'
import { type LaptopLooks, laptopLooks } from './evidence/laptop.ts'
import { type NetworkLooks, networkLooks } from './evidence/network.ts'
import { NOTHING } from './evidence/once.ts'
import { type SchemaLooks, schemaLooks } from './evidence/schema.ts'
import { type ServerLooks, serverLooks } from './evidence/server.ts'
import { type ServiceLooks, serviceLooks } from './evidence/service.ts'
import { type SiteLooks, siteLooks } from './evidence/site.ts'

/**
 * All that the checks look at, as plain data behind promises. Each look is taken once, when the first check asks
 * for it or before, and changes nothing. A new look is one more entry in its file in `evidence/`.
 */
export interface Evidence
  extends LaptopLooks,
    AccountLooks,
    CloudLooks,
    NetworkLooks,
    ServerLooks,
    ServiceLooks,
    DatabaseLooks,
    SchemaLooks,
    SiteLooks {
  readonly lab: ExaminedLab
}

/** All that is known of the lab without a look. */
export interface ExaminedLab {
  /** It was made in the console: it has no record, no tags and the handout's own app. */
  readonly isHandmade: boolean
  readonly region: string
  readonly record: LabRecord
  /** Where its private key lies. */
  readonly keyFile: string
  readonly laptop: Laptop
  /** When the doctor began, in ms since 1970. */
  readonly examinedAt: number
}

/** The looks that a check takes. */
export type Looks<Name extends keyof Evidence = never> = Pick<Evidence, Name | 'lab'>

export interface Gathered extends Evidence {
  /** Closes what the looks have opened, without waiting for what is still being tried. */
  end(): void
}

export function gatherEvidence(kit: Kit): Gathered {
  const seen = kit.cloud.look()
  const cloud = cloudLooks(kit, seen)
  const entry = enterServer(kit, cloud)
  const server = serverLooks(kit, cloud, entry)
  const service = serviceLooks(kit, entry)
  const access = accessSql(kit, { ...cloud, ...server }, entry)
  return {
    lab: {
      isHandmade: kit.isHandmade,
      region: kit.cloud.region,
      record: kit.record.value,
      keyFile: kit.record.keyFile,
      laptop: kit.laptop,
      examinedAt: kit.clock.now(),
    },
    ...laptopLooks(kit),
    ...accountLooks(kit, seen, cloud),
    ...cloud,
    ...networkLooks(kit, seen, cloud),
    ...server,
    ...service,
    ...databaseLooks(kit, { ...cloud, ...server }, entry, access),
    ...schemaLooks(access),
    ...siteLooks(kit, { ...cloud, ...service }, entry, access),
    end: access.end,
  }
}

/** Begins with what takes long; the checks ask for it later, and judge it in their order. */
export function lookAhead(evidence: Evidence): void {
  const begin = (looks: readonly (() => Promise<unknown>)[]) => {
    for (const look of looks) void look()
  }
  const { identity, server, database, network, groups, myAddress } = evidence
  begin([identity, database, myAddress])
  void server().then((seen) => {
    if (seen === undefined) return
    begin([network, groups])
    if (seen.state !== 'running') return
    const { ssh, site, page, survey, service, health, databaseFromServer, table, refusals } = evidence
    begin([ssh, site, page, survey, service, health, databaseFromServer])
    begin([table, refusals, readingPages])
  }, NOTHING)
}
