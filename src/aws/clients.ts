import type { EC2ClientConfig } from '@aws-sdk/client-ec2'
import type { STSClientConfig } from '@aws-sdk/client-sts'
import { printable } from '../lab/names.ts'
import type { Clock } from '../lab/ports/kit.ts'
import { explained } from './error-codes.ts'
import { EC2Client, RDSClient, STSClient } from './sdk.ts'

/** A target's API: its region, and its address and credentials where they are not the usual ones. */
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
  /** Asks; within one look, a question that was asked before has its answer already. */
  readonly once: Once
  /** Turns what AWS refuses into a finding. */
  readonly explain: (error: unknown, request?: string) => unknown
  readonly ec2: EC2Client
  readonly rds: RDSClient
  /** In us-east-1, whatever the lab's region: one that is not enabled looks like bad credentials from inside. */
  readonly home: { readonly ec2: EC2Client; readonly sts: STSClient }
}

type Once = <Answer>(question: string, ask: () => Promise<Answer>) => Promise<Answer>

/** The same clients for one look: they remember what they were answered, a refusal as well. */
export function rememberingClients(clients: Clients): Clients {
  const answers = new Map<string, Promise<unknown>>()
  const once: Once = <Answer>(question: string, ask: () => Promise<Answer>) => {
    const answer = answers.get(question) ?? ask()
    answers.set(question, answer)
    // Each question stands for one kind of answer.
    return answer as Promise<Answer>
  }
  return { ...clients, once }
}

/** Where what belongs to no region is asked. */
export const HOME_REGION = 'us-east-1'
const CONNECT_MS = 5_000
// Findings tell all that there is to be told.
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
  const explain: Clients['explain'] = (error, request) =>
    explained(error, {
      region: config.region,
      clockOffset: clockOffset(clients),
      ...(request === undefined ? {} : { request }),
    })
  const clients: Clients = {
    endpoint: config.endpoint,
    clock,
    explain,
    once: (_question, ask) => ask(),
    ec2: new EC2Client(common),
    rds: new RDSClient(common),
    home: {
      ec2: new EC2Client({ ...common, region: HOME_REGION }),
      sts: new STSClient({ ...common, region: HOME_REGION }),
    },
  }
  const around = (service: string) => aroundRequests(service, explain)
  clients.ec2.middlewareStack.add(around('ec2'), FIRST)
  clients.rds.middlewareStack.add(around('rds'), FIRST)
  clients.home.ec2.middlewareStack.add(around('ec2'), FIRST)
  clients.home.sts.middlewareStack.add(around('sts'), FIRST)
  return clients
}

/** How far this machine's clock is behind AWS's, by what the SDK corrects the time of its requests. */
export function clockOffset({ ec2, rds, home }: Pick<Clients, 'ec2' | 'rds' | 'home'>): number {
  // Each client finds it out for itself, and only where it is large.
  const offsets = [home.sts, home.ec2, ec2, rds].map(({ config }) => config.systemClockOffset)
  return offsets.find((offset) => offset !== 0) ?? 0
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

/** Turns AWS's refusals into findings, and makes its answers fit for the screen. */
function aroundRequests(service: string, explain: Clients['explain']) {
  const explaining = explainRefusals(service, explain)
  return <Args, Answer extends { output: object }>(
    next: (args: Args) => Promise<Answer>,
    context: { commandName?: string },
  ) => explaining(printableAnswers(next), context)
}

/** Texts that only flasklab reads; it never shows them as they are. */
const AS_THEY_ARE = ['Output', 'PublicKey', 'NextToken', 'Marker']

/**
 * Whoever may set a tag or a name in the account could write anywhere on the screen of whoever lists it. The screen
 * itself could not tell a line break in a name from one of its own, so names are made harmless where they come in.
 */
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

/** As IAM calls the request, too: AWS's own words do not always name it. */
export function explainRefusals(service: string, explain: Clients['explain']) {
  return <Args, Answer>(
    next: (args: Args) => Promise<Answer>,
    { commandName = '' }: { commandName?: string },
  ) =>
    async (args: Args): Promise<Answer> => {
      try {
        return await next(args)
      } catch (error) {
        throw explain(error, `${service}:${commandName.replace(/Command$/, '')}`)
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
