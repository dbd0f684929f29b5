/**
 * Loaded into every Node program on a practice instance (`node --import`). A port that the program listens on
 * becomes a Unix socket that the gateway guards, so the program declares 0.0.0.0:5000 as on EC2 and yet opens no
 * port on the laptop; a call to its own loopback address finds those sockets again.
 */
import { existsSync, unlinkSync, writeFileSync } from 'node:fs'
import { createConnection, Server, Socket } from 'node:net'
import { join } from 'node:path'
import { loopbackSocketName, openSocketName } from '../network/socket-names.ts'

const folder = process.env['FLASKLAB_SOCKETS']
const LOOPBACK = ['localhost', '127.0.0.1', '::1']
// A program that dials "any address" means this machine.
const OWN = [...LOOPBACK, '0.0.0.0', '::']

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
    const asked = wantedAddress(args, '0.0.0.0')
    if (asked === undefined) return Reflect.apply(listen, this, args) as Server
    const wanted = { ...asked, port: asked.port || freePort(sockets) }
    const callback = args.findLast((arg) => typeof arg === 'function') as (() => void) | undefined
    const name = LOOPBACK.includes(wanted.host) ? loopbackSocketName : openSocketName
    const path = join(sockets, name(wanted.port))
    declared.set(this, wanted)
    claim([openSocketName, loopbackSocketName].map((each) => join(sockets, each(wanted.port)))).then(
      () => {
        // The stand-in for ss names the process by this file.
        writeFileSync(`${path}.pid`, String(process.pid))
        Reflect.apply(listen, this, callback ? [{ path }, callback] : [{ path }])
      },
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

/** The address that is meant; undefined for what is no TCP address, and for a port that Node itself will refuse. */
function wantedAddress([first, second]: readonly unknown[], anyHost: string): Declared | undefined {
  if (first === undefined || first === null || typeof first === 'function') return { port: 0, host: anyHost }
  if (typeof first !== 'object') return declaration(first, second, anyHost)
  const { port, host, path } = first as { port?: unknown; host?: unknown; path?: unknown }
  return port === undefined || path ? undefined : declaration(port, host, anyHost)
}

function declaration(port: unknown, host: unknown, anyHost: string): Declared | undefined {
  const number = typeof port === 'string' && /^\d+$/.test(port) ? Number(port) : port
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 65_535)
    return undefined
  return { port: number, host: typeof host === 'string' && host !== '' ? host : anyHost }
}

/** A port for a program that asks for port 0, from the range that systems give out. */
function freePort(sockets: string): number {
  const port = 32_768 + Math.floor(Math.random() * 28_000)
  return ownSocket(sockets, port) === undefined ? port : freePort(sockets)
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
  let heard = Buffer.alloc(0)
  const onError = () => socket.destroy()
  // Read in the paused way: the program finds its socket as untouched as any new one.
  const onReadable = () => {
    const chunk = socket.read() as Buffer | null
    if (chunk !== null) heard = Buffer.concat([heard, chunk])
    const end = heard.indexOf('\r\n')
    const isProxied = 'PROXY '.startsWith(heard.subarray(0, 6).toString('latin1'))
    if (isProxied && end === -1 && heard.length < 108 && !socket.readableEnded) return
    finish(isProxied && end !== -1 ? heard.subarray(0, end).toString('latin1') : undefined)
  }
  const finish = (line: string | undefined) => {
    socket.off('readable', onReadable).off('end', onReadable)
    const [, , from = '127.0.0.1', , port = '0'] = line?.split(' ') ?? []
    define(socket, { remoteAddress: from, remotePort: Number(port), remoteFamily: 'IPv4' })
    const rest = line === undefined ? heard : heard.subarray(line.length + 2)
    if (rest.length > 0) socket.unshift(rest)
    process.nextTick(() => {
      socket.off('error', onError)
      if (!socket.destroyed) ready()
    })
  }
  socket.on('readable', onReadable).on('end', onReadable).on('error', onError)
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
    const path = wanted && OWN.includes(wanted.host) ? ownSocket(sockets, wanted.port) : undefined
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
