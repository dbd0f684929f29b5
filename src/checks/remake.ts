import type { Answers } from '../host/visit.ts'
import type { Mend } from '../lab/check.ts'
import { type Database, type HostFact, handout, type Lab, type Server } from '../lab/lab.ts'
import { phasesInOrder } from '../phases/in-order.ts'
import type { Sight } from './sight.ts'
import { there } from './there.ts'

/** Makes the facts of these phases again, from what the sight has seen of the facts before them. */
export function remake(sight: Sight, title: string, numbers: readonly number[]): Mend {
  return {
    title,
    async apply() {
      let lab = await factsOf(sight)
      for (const phase of phasesInOrder.filter(({ number }) => numbers.includes(number))) {
        lab = { ...lab, [phase.fact]: await phase.make(lab as Lab, sight.kit) }
      }
    },
  }
}

async function factsOf(sight: Sight): Promise<Partial<Lab>> {
  const { id, address, vpcId, groupIds } = await there(sight.server())
  const server: Server = { id, address: address ?? '', vpcId, groupIds }
  const host = hostFact(await sight.around())
  return {
    server,
    ...(host === undefined
      ? {}
      : { host, project: { folder: `${host.home}/${handout.project}`, digest: '' } }),
    ...(await databaseFact(sight)),
    schema: { database: handout.schema, user: handout.appUser },
    network: await sight.kit.cloud.findNetwork(),
  }
}

export function hostFact(answers: Answers): HostFact | undefined {
  const home = answers['home']?.text
  const node = answers['node']?.text.split('\n')[0]
  return home?.startsWith('/') && node?.startsWith('/') ? { home, node } : undefined
}

async function databaseFact(sight: Sight): Promise<{ readonly database?: Database }> {
  const seen = await sight.database()
  if (seen?.endpoint === undefined) return {}
  const { id, endpoint, vpcId, groupIds } = seen
  return { database: { id, endpoint, vpcId, groupIds } }
}
