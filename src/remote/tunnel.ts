import type { Duplex } from 'node:stream'
import type { NodeSSH } from 'node-ssh'
import type { Endpoint, Server } from '../lab/lab.ts'
import { noTunnel } from './ssh-findings.ts'

/** A connection from the server to somewhere else; a firewall that drops packets is waited for no longer than that. */
export async function tunnel(ssh: NodeSSH, to: Endpoint, timeoutMs: number, server: Server): Promise<Duplex> {
  const opening = ssh.forwardOut('127.0.0.1', 0, to.host, to.port)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs)
  })
  try {
    const channel = await Promise.race([opening, late])
    if (channel !== undefined) return channel
  } catch (error) {
    throw noTunnel(server, to, error instanceof Error ? error.message : String(error))
  } finally {
    clearTimeout(timer)
  }
  // It may be opened after all, when nobody wants it any more.
  opening.then((channel) => channel.destroy()).catch(() => {})
  throw noTunnel(server, to, `no answer within ${timeoutMs / 1000} s`)
}
