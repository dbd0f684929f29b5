/**
 * The middle of a practice cloud's network: a process in a network namespace of its own, in which every address is
 * local. It dials machines from whichever address is asked for, and listens on whichever is asked for; the sockets go to the
 * daemon, which passes the bytes on. It lives as long as the daemon does, and all machines live below it.
 */
import { execFile } from 'node:child_process'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { ROUTER_READY, type RouterAnswer, type RouterRequest } from './router-messages.ts'

const DIAL_MS = 10_000

process.on('disconnect', () => process.exit(0))
process.on('message', (request: RouterRequest) => {
  carryOut(request).then(
    (handle) => answer({ id: request.id }, handle),
    (error: NodeJS.ErrnoException) => answer({ id: request.id, error: error.code ?? error.message }),
  )
})
process.send?.(ROUTER_READY)

function carryOut(request: RouterRequest): Promise<Socket | Server | undefined> {
  if (request.kind === 'dial') return dial(request)
  return request.kind === 'listen' ? listen(request) : changeNetwork(request.lines)
}

function answer(message: RouterAnswer, handle?: Socket | Server): void {
  // The daemon's is another descriptor of the same socket. A server that stayed open here would accept, too.
  process.send?.(message, handle, () => {
    if (handle !== undefined && 'listening' in handle) handle.close()
  })
}

function dial({ from, to, port }: { from: string; to: string; port: number }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: to, port, localAddress: from, noDelay: true })
    const timer = setTimeout(() => socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })), DIAL_MS)
    // Else what the far end says at once would be read here, and be lost.
    socket.pause()
    socket.once('error', reject)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('close', () => clearTimeout(timer))
  })
}

function listen({ address, port }: { address: string; port: number }): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port, host: address, backlog: 511 }, () => resolve(server))
  })
}

/** All lines at once, as each process takes as long as a hundred of them. */
function changeNetwork(lines: readonly string[]): Promise<undefined> {
  return new Promise((resolve, reject) => {
    const child = execFile('ip', ['-batch', '-'], (error, _stdout, stderr) => {
      if (error) reject(new Error(stderr.trim() || error.message))
      else resolve(undefined)
    })
    child.stdin?.end(lines.map((line) => `${line}\n`).join(''))
  })
}
