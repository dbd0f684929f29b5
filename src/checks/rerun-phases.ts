import type { Mend } from '../lab/check.ts'
import { expectServer, toDatabase } from '../lab/facts.ts'
import { handout, type Lab } from '../lab/lab.ts'
import type { WithCloud } from '../lab/ports/cloud.ts'
import type { Networks } from '../lab/ports/network.ts'
import { phasesInOrder } from '../phases/in-order.ts'
import type { Evidence } from './evidence.ts'

export type FactLooks = Pick<Evidence, 'server' | 'survey' | 'database'>

/** Makes these facts again by their phases, from what the evidence has seen of the facts before them. */
export function rerunPhases(evidence: FactLooks, title: string, facts: readonly (keyof Lab)[]): Mend {
  return {
    title,
    async apply(kit) {
      let lab = await factsOf(evidence, kit)
      for (const phase of phasesInOrder.filter(({ fact }) => facts.includes(fact))) {
        // The checks before have passed for every fact that the phase needs and that nobody has seen.
        lab = { ...lab, [phase.fact]: await phase.make(lab as Lab, kit) }
      }
    },
  }
}

async function factsOf(
  { server, survey, database }: FactLooks,
  kit: WithCloud<Networks>,
): Promise<Partial<Lab>> {
  const [{ host }, seen] = [await survey(), await database()]
  const itsDatabase = seen && toDatabase(seen)
  return {
    server: expectServer(await server()),
    ...(host === undefined
      ? {}
      : { host, project: { folder: `${host.home}/${handout.project}`, digest: '' } }),
    ...(itsDatabase && { database: itsDatabase }),
    schema: { database: handout.schema, user: handout.appUser },
    network: await kit.cloud.findNetwork(),
  }
}
