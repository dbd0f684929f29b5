import type { EC2ClientConfig } from '@aws-sdk/client-ec2'
import type { STSClientConfig } from '@aws-sdk/client-sts'
import { printable } from '../lab/names.ts'
import type { Clock } from '../lab/ports/kit.ts'
import { EC2Client, RDSClient, STSClient } from './sdk.ts'

/** What a target says about its API: the region, and where it is reached and by whom if not as everywhere. */
export type ApiConfig = Pick<EC2ClientConfig, 'credentials' | 'profile'> & {
  readonly region: string
  readonly endpoint?: string
  /** How long an answer may take, in milliseconds, before it is asked for again. */
  readonly answerMs?: number
}

/** How the pauses between two requests pass. */
export type TimedConfig = ApiConfig & { readonly clock: Clock }

export interface Clients {
  /** Where everything is asked, if not each service at its own place. */
  readonly endpoint: string | undefined
  readonly clock: Clock
  readonly ec2: EC2Client
  readonly rds: RDSClient
  /** In us-east-1, whatever the lab's region: one that is not enabled looks like bad credentials from inside. */
  readonly home: { readonly ec2: EC2Client; readonly sts: STSClient }
}

/** Where what belongs to no region is asked. */
export const HOME_REGION = 'us-east-1'
const CONNECT_MS = 5_000
// What there is to be told is told by findings.
const silence = () => {}
const logger = { debug: silence, info: silence, warn: silence, error: silence }
const ANSWER_MS = 20_000

export function createClients({ answerMs = ANSWER_MS, clock, ...config }: TimedConfig): Clients {
  // By itself the SDK waits for ever for an answer that was lost on the way.
  const requestHandler = {
    connectionTimeout: CONNECT_MS,
    requestTimeout: answerMs,
    throwOnRequestTimeout: true,
  }
  // Sixty students may share an account's request quota: more attempts than the default three, and adaptive.
  const common = {
    ...(config.endpoint === undefined ? {} : NOT_READ),
    ...config,
    logger,
    requestHandler,
    maxAttempts: 10,
    retryMode: 'adaptive',
  }
  const clients = {
    endpoint: config.endpoint,
    clock,
    ec2: new EC2Client(common),
    rds: new RDSClient(common),
    home: {
      ec2: new EC2Client({ ...common, region: HOME_REGION }),
      sts: new STSClient({ ...common, region: HOME_REGION }),
    },
  }
  clients.ec2.middlewareStack.add(aroundRequests('ec2'), FIRST)
  clients.rds.middlewareStack.add(aroundRequests('rds'), FIRST)
  clients.home.ec2.middlewareStack.add(aroundRequests('ec2'), FIRST)
  clients.home.sts.middlewareStack.add(aroundRequests('sts'), FIRST)
  return clients
}

/**
 * All else that the SDK would read in the shell's variables and the files that are for AWS: where the API is somebody
 * else's, nothing of it may lead a request astray, or fail it.
 */
const NOT_READ = {
  defaultsMode: 'standard' as const,
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
  disableClockSkewCorrection: false,
  authSchemePreference: [],
  sigv4aSigningRegionSet: [],
  userAgentAppId: '',
} satisfies EC2ClientConfig & STSClientConfig

export const FIRST = { step: 'initialize' } as const

/** Errors tell which request failed, and answers are fit for the screen. */
function aroundRequests(service: string) {
  const named = nameRequests(service)
  return <Args, Answer extends { output: object }>(
    next: (args: Args) => Promise<Answer>,
    context: { commandName?: string },
  ) => named(printableAnswers(next), context)
}

/** What flasklab reads as a program, and never shows as it is. */
const AS_THEY_ARE = ['Output', 'PublicKey', 'NextToken', 'Marker']

/** Whoever may set a tag or a name in the account could write anywhere on the screen of whoever lists it. */
function printableAnswers<Args, Answer extends { output: object }>(next: (args: Args) => Promise<Answer>) {
  return async (args: Args): Promise<Answer> => {
    const answer = await next(args)
    return { ...answer, output: withPrintableTexts(answer.output) }
  }
}

function withPrintableTexts(value: unknown): unknown {
  if (typeof value === 'string') return printable(value)
  if (Array.isArray(value)) return value.map((each) => withPrintableTexts(each))
  if (Object.prototype.toString.call(value) !== '[object Object]') return value
  return Object.fromEntries(
    Object.entries(value as object).map(([key, each]) => [
      key,
      AS_THEY_ARE.includes(key) ? each : withPrintableTexts(each),
    ]),
  )
}

/** Errors then tell which request failed, as IAM calls it: AWS's own words do not always. */
export function nameRequests(service: string) {
  return <Args, Answer>(
    next: (args: Args) => Promise<Answer>,
    { commandName = '' }: { commandName?: string },
  ) =>
    async (args: Args): Promise<Answer> => {
      try {
        return await next(args)
      } catch (error) {
        const request = `${service}:${commandName.replace(/Command$/, '')}`
        throw error instanceof Error ? Object.assign(error, { request }) : error
      }
    }
}

/** The region that the student's AWS settings name, as every AWS tool reads them; us-east-1 where they name none. */
export async function regionOf(profile: string | undefined): Promise<string> {
  try {
    return await new EC2Client(profile === undefined ? {} : { profile }).config.region()
  } catch {
    return HOME_REGION
  }
}
