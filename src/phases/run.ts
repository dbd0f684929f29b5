import { flasklab, onServer } from '../lab/command.ts'
import { LabError, type Remedy } from '../lab/finding.ts'
import type { Host, Ran } from '../lab/ports/host.ts'
import type { Kit } from '../lab/ports/kit.ts'
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
  const known = CAUSES.find((cause) => cause.isIt(ran.code, output))
  const words = said === '' ? `The command ended with code ${ran.code} and said nothing.` : said.slice(-1500)
  throw new LabError({
    what: `The server could not ${purpose}.`,
    why: known === undefined ? words : `${known.why}\n${words}`,
    remedy: known?.remedy ?? {
      say: 'Go on where it stopped; if it fails again, look around on the server.',
      run: [flasklab('up'), flasklab('ssh')],
    },
  })
}

/** Causes that a server tells in words that a student can’t be expected to read. */
const CAUSES: readonly {
  readonly isIt: (code: number, output: string) => boolean
  readonly why: string
  readonly remedy: Remedy
}[] = [
  {
    isIt: (code, output) =>
      code === 137 || /^Killed\b|Cannot allocate memory|ENOMEM|out of memory/im.test(output),
    why: 'It ran out of memory: a t3.micro has 1 GiB, and Amazon Linux makes no swap space.',
    remedy: {
      say: 'Give it 1 GiB of swap space, then go on.',
      run: [
        onServer(
          'sudo dd if=/dev/zero of=/swapfile bs=1M count=1024 && sudo chmod 600 /swapfile && sudo mkswap /swapfile && sudo swapon /swapfile',
        ),
        flasklab('up'),
      ],
    },
  },
  {
    isIt: (_, output) => /ERROR 2026\b/.test(output),
    why: 'MySQL’s client there does not accept the TLS certificate that the database shows. rds-ca.pem in the project holds the authorities that may have signed it.',
    remedy: { say: 'Let the doctor say which one has.', run: [flasklab('doctor')] },
  },
  {
    isIt: (_, output) => /ERROR 1045\b/.test(output),
    why: 'The database refuses the password that the lab has for it: somebody has changed it.',
    remedy: { say: 'Let the doctor say which one, and mend it.', run: [flasklab('doctor')] },
  },
  {
    isIt: (_, output) => /No space left on device|ENOSPC/.test(output),
    why: 'Its disk is full.',
    remedy: {
      say: 'Find what fills it, delete that, then go on.',
      run: [onServer('df -h / && sudo du -xh / | sort -h | tail -n 15'), flasklab('up')],
    },
  },
  {
    isIt: (_, output) => /Failed to (enable|start) unit: Access denied|avc: +denied/.test(output),
    why: 'Its SELinux forbids systemd to read a unit from a home folder: on Amazon Linux it only warns, here it enforces.',
    remedy: {
      say: 'Let SELinux warn only, as Amazon Linux does, then go on. If it is your course’s rule that it enforces, ask for an image without it.',
      run: [onServer('sudo setenforce 0'), flasklab('up')],
    },
  },
]
