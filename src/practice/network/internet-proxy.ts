import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Verdict } from './evaluate-connection.ts'
import { isOnInternet } from './internet-addresses.ts'

/** The laptop's side of the internet, and the cloud's say in it. */
export interface Internet {
  /** Whether the instance with that private address gets through to an address of the internet, by the present rules. */
  decide(from: string, address: string, port: number): Verdict
  /** Whether the laptop's own settings name that host, as for a registry at home: its address may be any. */
  isTrusted(host: string, port: number): boolean
  resolve(host: string): Promise<readonly string[]>
  dial(address: string, port: number): Socket
}

/**
 * The instances' way to the internet: an HTTP proxy, which their variables name. A name is resolved once, and the
 * address that was judged is the one that is dialled. A blocked connection gets no answer, as on AWS.
 */
export function createInternetProxy(internet: Internet): Server {
  const server = createServer((incoming, response) => void forward(incoming, response, internet))
  server.on('connect', (incoming, socket, head) => void openTunnel(incoming, socket, head, internet))
  return server
}

/** For CONNECT, by which everything but plain HTTP is asked for. */
async function openTunnel(
  incoming: IncomingMessage,
  near: Duplex,
  head: Buffer,
  internet: Internet,
): Promise<void> {
  near.on('error', () => near.destroy())
  const refuse = (status: string) => near.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
  const place = placeOf(`http://${incoming.url ?? ''}`, 443)
  if (place === undefined) return void refuse('400 Bad Request')
  const found = await wayTo(place, incoming, internet)
  if (found.kind === 'blocked') return
  if (found.kind === 'refused') return void refuse(found.status)
  const far = internet.dial(found.address, place.port)
  far.once('error', () => refuse('502 Bad Gateway'))
  far.once('connect', () => {
    near.write('HTTP/1.1 200 Connection established\r\n\r\n')
    if (head.length > 0) far.write(head)
    far.on('error', () => near.destroy()).pipe(near)
    near.on('close', () => far.destroy()).pipe(far)
  })
}

/** For plain HTTP, which names the whole address. */
async function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  internet: Internet,
): Promise<void> {
  const refuse = (status: string) => {
    response.writeHead(Number.parseInt(status, 10), { connection: 'close' }).end(`${status}\n`)
  }
  const place = placeOf(incoming.url ?? '', 80)
  if (place === undefined) return refuse('400 Bad Request')
  const found = await wayTo(place, incoming, internet)
  if (found.kind === 'blocked') return
  if (found.kind === 'refused') return refuse(found.status)
  const { 'proxy-connection': _hop, 'proxy-authorization': _secret, ...headers } = incoming.headers
  const asked = request({
    createConnection: () => internet.dial(found.address, place.port),
    method: incoming.method,
    path: place.path,
    headers: { ...headers, host: place.hostHeader, connection: 'close' },
  })
  asked.on('error', () => (response.headersSent ? response.destroy() : refuse('502 Bad Gateway')))
  asked.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  response.on('close', () => asked.destroy())
  incoming.pipe(asked)
}

interface Place {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly hostHeader: string
}

function placeOf(url: string, usualPort: number): Place | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, port, pathname, search, host } = new URL(url)
  if (protocol !== 'http:' || hostname === '') return undefined
  // An IPv6 address stands in brackets.
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return { host: bare, port: Number(port) || usualPort, path: `${pathname}${search}`, hostHeader: host }
}

type Found =
  | { readonly kind: 'open'; readonly address: string }
  | { readonly kind: 'refused'; readonly status: string }
  | { readonly kind: 'blocked' }

async function wayTo({ host, port }: Place, { socket }: IncomingMessage, internet: Internet): Promise<Found> {
  const addresses = isIP(host) > 0 ? [host] : await internet.resolve(host).catch(() => [])
  const [first] = addresses
  if (first === undefined) return { kind: 'refused', status: '502 Bad Gateway' }
  const isTrusted = internet.isTrusted(host, port)
  const address = isTrusted ? first : addresses.find(isOnInternet)
  if (address === undefined) return { kind: 'refused', status: '403 Forbidden' }
  return internet.decide(socket.remoteAddress ?? '', address, port).passes
    ? { kind: 'open', address }
    : { kind: 'blocked' }
}
