import { LabError } from '../lab/finding.ts'
import type { Host, Kit, Ran } from '../lab/ports.ts'
import type { Secret } from '../lab/secret.ts'

interface Options {
  readonly kit: Pick<Kit, 'tell' | 'clock'>
  readonly stdin?: string | Buffer
  readonly timeoutMs?: number
  /** Passwords in `stdin`: a program that fails may repeat what it was given. */
  readonly secrets?: readonly Secret[]
}

/** Runs a remote command that must succeed, telling that it is waited for. `purpose` completes "could not …". */
export async function run(host: Host, command: string, purpose: string, options: Options): Promise<Ran> {
  const { kit, secrets = [], ...rest } = options
  return expectSuccess(
    await telling(kit, `the server to ${purpose}`, () => host.run(command, rest)),
    purpose,
    secrets,
  )
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

export function expectSuccess(ran: Ran, purpose: string, secrets: readonly Secret[] = []): Ran {
  if (ran.code === 0) return ran
  const output = ran.stderr.trim() || ran.stdout.trim()
  const said = secrets.reduce((text, secret) => text.replaceAll(secret.reveal(), `${secret}`), output)
  throw new LabError({
    what: `The server could not ${purpose}.`,
    why: said === '' ? `The command ended with code ${ran.code} and said nothing.` : said.slice(-1500),
    remedy: {
      say: 'Go on where it stopped; if it fails again, look around on the server.',
      run: ['flasklab up', 'flasklab ssh'],
    },
  })
}
