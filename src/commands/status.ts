import type { Endpoint } from '../lab/lab.ts'
import { handout } from '../lab/lab.ts'
import type { Kit } from '../lab/ports.ts'
import { survey } from '../lab/walk.ts'
import { phasesInOrder } from '../phases/in-order.ts'

/** Addresses and ports are those to dial from here. */
export interface Status {
  readonly lab: string
  readonly target: string
  readonly region: string
  readonly phases: readonly {
    readonly number: number
    readonly id: string
    readonly title: string
    readonly done: boolean
  }[]
  readonly server: {
    readonly id: string
    readonly state: string
    readonly address: string | null
    readonly sshPort: number
    readonly keyFile: string
  } | null
  readonly database: {
    readonly id: string
    readonly state: string
    readonly endpoint: Endpoint | null
  } | null
  readonly site: { readonly url: string } | null
}

/** Looks at everything of the lab and changes nothing. */
export async function takeStock(kit: Kit): Promise<Status> {
  const { value, keyFile } = kit.record
  const network = await kit.cloud.findNetwork()
  const [server, database, { lab, done }] = await Promise.all([
    kit.cloud.findServer(),
    kit.cloud.findDatabase(),
    survey(phasesInOrder, network, kit),
  ])
  const ssh = server?.address === undefined ? undefined : await kit.reach(server.address, handout.sshPort)
  return {
    lab: value.name,
    target: value.target,
    region: kit.cloud.region,
    phases: phasesInOrder.map(({ number, id, title }) => ({ number, id, title, done: done.has(id) })),
    server: server
      ? {
          id: server.id,
          state: server.state,
          address: ssh?.host ?? null,
          sshPort: ssh?.port ?? handout.sshPort,
          keyFile,
        }
      : null,
    database: database
      ? { id: database.id, state: database.status, endpoint: database.endpoint ?? null }
      : null,
    site: lab.site ?? null,
  }
}

export function statusText(status: Status): string {
  const { server, database, site } = status
  return [
    `Lab "${status.lab}" on ${status.target}, ${status.region}`,
    ...status.phases.map((phase) => `  ${phase.done ? '[x]' : '[ ]'} ${phase.number}. ${phase.title}`),
    `Server    ${server ? `${server.id} (${server.state})` : 'none'}`,
    ...(server?.address
      ? [
          `          ssh -i ${server.keyFile} -o IdentitiesOnly=yes -p ${server.sshPort} ec2-user@${server.address}`,
        ]
      : []),
    `Database  ${database ? `${database.id} (${database.state})` : 'none'}`,
    ...(database?.endpoint
      ? [`          ${database.endpoint.host}:${database.endpoint.port}, from the server only`]
      : []),
    `Site      ${site?.url ?? 'not running'}`,
  ].join('\n')
}
