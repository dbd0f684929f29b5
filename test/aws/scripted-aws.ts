import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Clients, createClients, type TimedConfig } from '../../src/aws/clients.ts'
import { fakeClock } from '../support/fake-clock.ts'

/** One request as AWS got it: `{ Action: 'RunInstances', ImageId: …, 'NetworkInterface.1.SubnetId': … }`. */
type Request = Readonly<Record<string, string>>

interface Refusal {
  readonly code: string
  readonly message: string
  readonly status: number
}

/** The inside of the answer's element, as XML, or all of the answer, as JSON; or a refusal. */
type Answer = string | Refusal

/** The answers of each operation: always the same, or one after the other, the last one for ever. */
export type Script = Readonly<Record<string, Answer | readonly Answer[] | ((request: Request) => Answer)>>

export interface ScriptedAws extends AsyncDisposable {
  readonly config: TimedConfig
  readonly clients: Clients
  readonly requests: readonly Request[]
  /** The requests for one operation, without what every request has. */
  asked(action: string): Request[]
}

export function refusal(code: string, message = `The message of ${code}.`, status = 400): Refusal {
  return { code, message, status }
}

/** A server that answers like AWS, word for word as it is told, and remembers what it was asked. */
export async function openAws(script: Script, region = 'us-east-1'): Promise<ScriptedAws> {
  const requests: Request[] = []
  const server = createServer(async (incoming, response) => {
    const request = read(await text(incoming), incoming.headers['x-amz-target'])
    requests.push(request)
    const { status, body } = write(request, answerTo(request, script, requests))
    response.writeHead(status).end(body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It has no port.')
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' }
  const config = { region, endpoint: `http://127.0.0.1:${address.port}`, credentials, clock: fakeClock() }
  const clients = createClients(config)
  return {
    config,
    clients,
    requests,
    asked: (action) =>
      requests
        .filter((request) => request['Action'] === action)
        .map(({ Action: _action, Version: _version, ...rest }) => rest),
    [Symbol.asyncDispose]: async () => {
      for (const client of [clients.ec2, clients.rds, clients.home.ec2, clients.home.sts]) client.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A service that speaks JSON is asked by a header. */
function read(body: string, target: string | readonly string[] | undefined): Request {
  if (typeof target !== 'string') return Object.fromEntries(new URLSearchParams(body))
  return { Action: target.split('.')[1] ?? '', Version: 'json', ...JSON.parse(body) }
}

function answerTo(request: Request, script: Script, requests: readonly Request[]): Answer {
  const action = request['Action'] ?? ''
  const scripted = script[action]
  if (scripted === undefined) return refusal('NotInTheScript', `${action} was not expected.`)
  if (typeof scripted === 'function') return scripted(request)
  if (typeof scripted === 'string' || 'code' in scripted) return scripted
  const turn = requests.filter((one) => one['Action'] === action).length - 1
  return scripted[turn] ?? scripted.at(-1) ?? ''
}

const EC2_VERSION = '2016-11-15'

function write(request: Request, answer: Answer): { readonly status: number; readonly body: string } {
  if (request['Version'] === 'json') return writeJson(answer)
  const isEc2 = request['Version'] === EC2_VERSION
  const name = `${request['Action']}Response`
  if (typeof answer === 'string') {
    const body = isEc2
      ? `<requestId>r</requestId>${answer}`
      : `<${request['Action']}Result>${answer}</${request['Action']}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>`
    return { status: 200, body: `<${name}>${body}</${name}>` }
  }
  const { code, message, status } = answer
  const error = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`
  const body = isEc2
    ? `<Response><Errors><Error>${error}</Error></Errors><RequestID>r</RequestID></Response>`
    : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>r</RequestId></ErrorResponse>`
  return { status, body }
}

function writeJson(answer: Answer): { readonly status: number; readonly body: string } {
  if (typeof answer === 'string') return { status: 200, body: answer }
  return { status: answer.status, body: JSON.stringify({ __type: answer.code, message: answer.message }) }
}

function escapeXml(message: string): string {
  return message.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/** `<name><item>…</item><item>…</item></name>`, as EC2 writes its lists. */
export function set(name: string, ...items: readonly string[]): string {
  return `<${name}>${items.map((item) => `<item>${item}</item>`).join('')}</${name}>`
}

/** `<a>1</a><b>2</b>`. */
export function fields(values: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')
}

/** As EC2 writes tags. */
export function tagSet(tags: Readonly<Record<string, string>>): string {
  return set('tagSet', ...Object.entries(tags).map(([key, value]) => fields({ key, value })))
}

/** As RDS writes tags. */
export function tagList(tags: Readonly<Record<string, string>>): string {
  const items = Object.entries(tags).map(([Key, Value]) => `<Tag>${fields({ Key, Value })}</Tag>`)
  return `<TagList>${items.join('')}</TagList>`
}
