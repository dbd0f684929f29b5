import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cloud } from '../cloud.ts'
import { cloudTime } from '../cloud-time.ts'
import { createFaults, type Faults, Unanswered } from '../faults.ts'
import { authenticate } from './authenticate.ts'
import { AwsError } from './aws-error.ts'
import { readJson } from './json-protocol.ts'
import type { Call, Operation } from './operation.ts'
import type { Protocol } from './protocol.ts'
import { decodeQuery } from './query.ts'
import { queryProtocol } from './query-protocol.ts'
import { readRequest } from './request.ts'
import { type ApiService, serviceNamed, serviceOfVersion } from './service.ts'
import type { AccessKey, SignedRequest } from './signature.ts'

/** One line of the request log. It names what was asked, never with which values: passwords are among them. */
export interface CallRecord {
  readonly time: number
  readonly requestId: string
  readonly service: string | undefined
  readonly region: string | undefined
  readonly action: string | undefined
  /** Names of the input's members. */
  readonly members: readonly string[]
  /** `OK` or the code of the error. */
  readonly outcome: string
}

interface Answer {
  readonly status: number
  readonly body: string
}

interface Document extends Answer {
  readonly contentType: string
}

type Progress = { -readonly [Key in 'service' | 'region' | 'action' | 'members']: CallRecord[Key] }

/** The parts that make up the API. */
export interface ApiParts {
  readonly cloud: Cloud
  readonly services: readonly ApiService[]
  isEnabledRegion(name: string): boolean
  /** The key of the student. */
  key(): AccessKey
  readonly onCall?: (record: CallRecord) => void
  readonly faults?: Faults
}

/** The practice cloud's API as a listener for Node's HTTP server. */
export function createApi(given: ApiParts): (request: IncomingMessage, response: ServerResponse) => void {
  const parts = { onCall: () => {}, faults: createFaults(), ...given }
  return (request, response) => {
    respond(request, response, parts).catch((error: unknown) => {
      if (error instanceof Unanswered) return error.isCut ? void response.destroy() : undefined
      parts.cloud.log(`an answer could not be sent: ${String(error)}`)
      response.destroy()
    })
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  parts: Required<ApiParts>,
): Promise<void> {
  const { cloud, onCall } = parts
  const [requestId, time] = [randomUUID(), Date.now()]
  const progress: Progress = { service: undefined, region: undefined, action: undefined, members: [] }
  let outcome = 'OK'
  const { status, body } = await answerTo(request, requestId, progress, parts).catch((error: unknown) => {
    if (error instanceof Unanswered) onCall({ time, requestId, ...progress, outcome: 'unanswered' })
    const failure = knownFailure(error, progress, requestId, parts)
    outcome = failure.code
    return { status: failure.status, body: failureDocument(failure, progress, requestId, parts) }
  })
  onCall({ time, requestId, ...progress, outcome })
  const { contentType } = protocolOf(progress, parts)
  send(response, request, { status, body, contentType }, requestId, cloudTime(cloud.state))
}

async function answerTo(
  request: IncomingMessage,
  requestId: string,
  progress: Progress,
  parts: Required<ApiParts>,
): Promise<Answer> {
  const { cloud, services, faults } = parts
  const signed = await readRequest(request)
  const { action, version, inputFor } = readWords(signed)
  progress.action = action ?? undefined
  const likely = serviceOfVersion(services, version)
  progress.service = likely?.name
  const { service, region, caller } = recognize(signed, likely, parts)
  Object.assign(progress, { service: service.name, region })
  if (!parts.isEnabledRegion(region)) throw service.protocol.refusal.unknownKey()
  const operation = operationFor(service, action, version ?? '')
  const input = inputFor(operation, service)
  progress.members = Object.keys(input)
  refuseDryRun(input)
  const what = `${service.name}:${operation.schema[2]}`
  const output = await faults.around(what, () => {
    const seen = faults.regionFor(what, cloud.region(region), isReading(operation))
    return run(operation, input, { cloud, region: seen, regionName: region, caller })
  })
  const { namespace, protocol } = service
  return { status: 200, body: protocol.answer(operation.schema, output, namespace, requestId) }
}

/** The caller and the service of a request, as far as the signature proves them. */
function recognize(
  request: SignedRequest,
  likely: ApiService | undefined,
  { cloud: { state }, services, key }: Required<ApiParts>,
) {
  const users = state.users ?? []
  const isExpired = state.keyExpired === true
  const credentials = { services, keys: [key(), ...users], isExpired, now: cloudTime(state) }
  const { service, region, accessKeyId } = authenticate(request, credentials, likely)
  return { service, region, caller: users.find((user) => user.accessKeyId === accessKeyId) ?? owner }
}

async function run(operation: Operation, input: unknown, call: Call): Promise<unknown> {
  if (isReading(operation)) return operation.run(input, call)
  // Nothing is begun that could not be remembered.
  save(call)
  try {
    return await operation.run(input, call)
  } finally {
    // Also after a failure: what a failed operation had changed is what the next one will find.
    save(call)
  }
}

function save({ cloud }: Call): void {
  if (!cloud.save()) throw new Error('The state can’t be saved.')
}

function knownFailure(
  error: unknown,
  progress: Progress,
  requestId: string,
  parts: Required<ApiParts>,
): AwsError {
  if (error instanceof AwsError) return error
  if (error instanceof Unanswered) throw error
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  parts.cloud.log(`${progress.action} failed unexpectedly (request ${requestId}): ${trace}`)
  return protocolOf(progress, parts).refusal.internal()
}

/** The user to whom the practice key belongs. */
const owner = { name: 'practice', id: 'AIDAPRACTICE0000000000' }

interface Words {
  readonly action: string | null
  readonly version: string | null
  inputFor(operation: Operation, service: ApiService): Record<string, unknown>
}

/** Reads the action and parameters of a request, none of which is believed yet. */
function readWords({ headers, body }: SignedRequest): Words {
  const text = body.toString('utf8')
  const [, target, wanted = ''] = /^([^.]+)\.(.+)$/.exec(String(headers['x-amz-target'])) ?? []
  if (target !== undefined) return { action: wanted, version: target, inputFor: () => readJson(text) }
  const parameters = new URLSearchParams(text)
  return {
    action: parameters.get('Action'),
    version: parameters.get('Version'),
    inputFor(operation, service) {
      parameters.delete('Action')
      parameters.delete('Version')
      return decodeQuery(operation.schema[4], parameters, service.protocol.dialect)
    },
  }
}

function operationFor(service: ApiService, action: string | null, version: string): Operation {
  if (action === null || action === '') {
    throw new AwsError('MissingAction', 'The request must contain the parameter Action')
  }
  const operation = version === service.version ? service.operations.get(action) : undefined
  if (operation === undefined) throw service.protocol.refusal.unknownAction(action, version)
  return operation
}

/** Only EC2's inputs have the member. */
function refuseDryRun(input: Record<string, unknown>): void {
  if (input['DryRun'] !== true) return
  throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412)
}

function isReading(operation: Operation): boolean {
  return /^(Describe|Get|List)/.test(operation.schema[2])
}

function protocolOf({ service }: Progress, { services }: ApiParts): Protocol {
  return serviceNamed(services, service ?? '')?.protocol ?? queryProtocol
}

function failureDocument(error: AwsError, progress: Progress, requestId: string, parts: ApiParts): string {
  const namespace = serviceNamed(parts.services, progress.service ?? '')?.namespace ?? ''
  return protocolOf(progress, parts).failure(error, namespace, requestId)
}

function send(
  response: ServerResponse,
  request: IncomingMessage,
  answer: Document,
  requestId: string,
  now: number,
): void {
  // A body that was not read to its end leaves the connection in no state for another request.
  if (!request.complete) response.setHeader('connection', 'close')
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    'x-amzn-requestid': requestId,
    // By it clients notice that their clock is off.
    date: new Date(now).toUTCString(),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(answer.body)
}
