import { LabError } from '../lab/finding.ts'
import type { Host, Kit, Ran } from '../lab/ports.ts'

interface Options {
  readonly kit: Pick<Kit, 'tell' | 'clock'>
  readonly stdin?: string | Buffer
  readonly timeoutMs?: number
}

/** Runs a remote command that must succeed, telling that it is waited for. `purpose` completes "could not …". */
export async function run(host: Host, command: string, purpose: string, options: Options): Promise<Ran> {
  const { kit, ...rest } = options
  return expectSuccess(await telling(kit, purpose, () => host.run(command, rest)), purpose)
}

/** Shows a wait with its elapsed time while the work goes on. */
export async function telling<Result>(
  { tell, clock }: Pick<Kit, 'tell' | 'clock'>,
  title: string,
  work: () => Promise<Result>,
): Promise<Result> {
  tell({ kind: 'waiting', id: title, title, since: clock.now() })
  try {
    return await work()
  } finally {
    tell({ kind: 'waited', id: title })
  }
}

export function expectSuccess(ran: Ran, purpose: string): Ran {
  if (ran.code === 0) return ran
  const said = ran.stderr.trim() || ran.stdout.trim()
  throw new LabError({
    what: `The server could not ${purpose}.`,
    why: said === '' ? `The command ended with code ${ran.code} and said nothing.` : said.slice(-1500),
    remedy: {
      say: 'Go on where it stopped; if it fails again, look around on the server.',
      run: ['flasklab up', 'flasklab ssh'],
    },
  })
}
