import type { Answers } from '../host/visit.ts'
import type { Mend } from '../lab/check.ts'
import { expectFound } from '../lab/expect-found.ts'
import { type Database, type HostFact, handout, type Lab, type Server } from '../lab/lab.ts'
import { phasesInOrder } from '../phases/in-order.ts'
import type { Evidence } from './evidence.ts'

/** Makes these facts again by their phases, from what the evidence has seen of the facts before them. */
export function rerunPhases(evidence: Evidence, title: string, facts: readonly (keyof Lab)[]): Mend {
  return {
    title,
    async apply() {
      let lab = await factsOf(evidence)
      for (const phase of phasesInOrder.filter(({ fact }) => facts.includes(fact))) {
        lab = { ...lab, [phase.fact]: await phase.make(lab as Lab, evidence.kit) }
      }
    },
  }
}

async function factsOf(evidence: Evidence): Promise<Partial<Lab>> {
  const { id, address, vpcId, groupIds } = await expectFound(evidence.server())
  const server: Server = { id, address: address ?? '', vpcId, groupIds }
  const host = hostFact(await evidence.around())
  return {
    server,
    ...(host === undefined
      ? {}
      : { host, project: { folder: `${host.home}/${handout.project}`, digest: '' } }),
    ...(await databaseFact(evidence)),
    schema: { database: handout.schema, user: handout.appUser },
    network: await evidence.kit.cloud.findNetwork(),
  }
}

export function hostFact(answers: Answers): HostFact | undefined {
  const home = answers['home']?.text
  const node = answers['node']?.text.split('\n')[0]
  return home?.startsWith('/') && node?.startsWith('/') ? { home, node } : undefined
}

async function databaseFact(evidence: Evidence): Promise<{ readonly database?: Database }> {
  const seen = await evidence.database()
  if (seen?.endpoint === undefined) return {}
  const { id, endpoint, vpcId, groupIds } = seen
  return { database: { id, endpoint, vpcId, groupIds } }
}
