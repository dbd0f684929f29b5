/**
 * Loaded into every Node program on a practice instance (`node --import`). What it listens on becomes a Unix
 * socket that the gateway guards, so the program declares 0.0.0.0:5000 as on EC2 and yet opens no port on the
 * laptop; what it dials on its own loopback address finds those sockets again.
 */
import { existsSync, unlinkSync } from 'node:fs'
import { createConnection, Server, Socket } from 'node:net'
import { join } from 'node:path'
import { loopbackSocketName, openSocketName } from '../network/socket-names.ts'

const folder = process.env['FLASKLAB_SOCKETS']
const LOOPBACK = ['localhost', '127.0.0.1', '::1']

interface Declared {
  readonly host: string
  readonly port: number
}

if (folder !== undefined) {
  hookListen(folder)
  hookConnect(folder)
}

function hookListen(sockets: string): void {
  const listen = Server.prototype.listen
  const address = Server.prototype.address
  const emit = Server.prototype.emit
  const declared = new WeakMap<Server, Declared>()

  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    const wanted = wantedAddress(args, '0.0.0.0')
    if (wanted === undefined) return Reflect.apply(listen, this, args) as Server
    const callback = args.findLast((arg) => typeof arg === 'function') as (() => void) | undefined
    const name = LOOPBACK.includes(wanted.host) ? loopbackSocketName : openSocketName
    const path = join(sockets, name(wanted.port))
    declared.set(this, wanted)
    claim([openSocketName, loopbackSocketName].map((each) => join(sockets, each(wanted.port)))).then(
      () => Reflect.apply(listen, this, callback ? [{ path }, callback] : [{ path }]),
      () => this.emit('error', addressInUse(wanted)),
    )
    return this
  } as typeof listen

  Server.prototype.address = function (this: Server) {
    const wanted = declared.get(this)
    const actual = Reflect.apply(address, this, [])
    if (wanted === undefined || actual === null) return actual
    return { address: wanted.host, port: wanted.port, family: wanted.host.includes(':') ? 'IPv6' : 'IPv4' }
  }

  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
    const [socket] = args
    if (event !== 'connection' || !declared.has(this) || !(socket instanceof Socket)) {
      return Reflect.apply(emit, this, [event, ...args]) as boolean
    }
    readProxyLine(socket, () => Reflect.apply(emit, this, [event, socket]))
    return true
  } as typeof emit
}

function wantedAddress([first, second]: readonly unknown[], anyHost: string): Declared | undefined {
  if (typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first))) {
    return { port: Number(first), host: typeof second === 'string' ? second : anyHost }
  }
  if (typeof first !== 'object' || first === null) return undefined
  const { port, host } = first as { port?: number | string; host?: string }
  return port === undefined ? undefined : { port: Number(port), host: host ?? anyHost }
}

/** Removes sockets that a killed program left behind; rejects when a live one holds the port. */
async function claim(paths: readonly string[]): Promise<void> {
  for (const path of paths.filter((each) => existsSync(each))) {
    await new Promise<void>((resolve, reject) => {
      const probe = createConnection({ path })
      probe.once('connect', () => {
        probe.destroy()
        reject(new Error('in use'))
      })
      probe.once('error', () => {
        unlinkSync(path)
        resolve()
      })
    })
  }
}

function addressInUse({ host, port }: Declared): Error {
  const error = new Error(`listen EADDRINUSE: address already in use ${host}:${port}`)
  return Object.assign(error, { code: 'EADDRINUSE', errno: -98, syscall: 'listen', address: host, port })
}

/** Takes the gateway's PROXY line off, if there is one, and makes the connection look as it names it. */
function readProxyLine(socket: Socket, ready: () => void): void {
  const chunks: Buffer[] = []
  const onData = (chunk: Buffer) => {
    chunks.push(chunk)
    const text = Buffer.concat(chunks)
    const end = text.indexOf('\r\n')
    const isProxied = 'PROXY '.startsWith(text.subarray(0, 6).toString('latin1'))
    if (isProxied && end === -1 && text.length < 108) return
    finish(text, isProxied && end !== -1 ? text.subarray(0, end).toString('latin1') : undefined)
  }
  const finish = (text: Buffer, line: string | undefined) => {
    socket.off('data', onData).off('end', onEnd).pause()
    const [, , from = '127.0.0.1', , port = '0'] = line?.split(' ') ?? []
    define(socket, { remoteAddress: from, remotePort: Number(port), remoteFamily: 'IPv4' })
    const rest = line === undefined ? text : text.subarray(line.length + 2)
    if (rest.length > 0) socket.unshift(rest)
    ready()
    socket.resume()
  }
  const onEnd = () => finish(Buffer.concat(chunks), undefined)
  socket.on('data', onData).on('end', onEnd)
}

function define(socket: Socket, values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(socket, name, { value, configurable: true })
  }
}

function hookConnect(sockets: string): void {
  const connect = Socket.prototype.connect
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
    // net.connect() hands its normalised arguments over as one array.
    const [first, second] = (Array.isArray(args[0]) ? args[0] : args) as unknown[]
    const wanted = wantedAddress([first, second], 'localhost')
    const path = wanted && LOOPBACK.includes(wanted.host) ? ownSocket(sockets, wanted.port) : undefined
    if (path === undefined) return Reflect.apply(connect, this, args) as Socket
    const callback = args.flat().findLast((arg) => typeof arg === 'function')
    Reflect.apply(connect, this, callback ? [{ path }, callback] : [{ path }])
    this.write(`PROXY TCP4 127.0.0.1 127.0.0.1 50000 ${wanted?.port}\r\n`)
    return this
  } as typeof connect
}

function ownSocket(sockets: string, port: number): string | undefined {
  return [openSocketName(port), loopbackSocketName(port)]
    .map((name) => join(sockets, name))
    .find((path) => existsSync(path))
}
