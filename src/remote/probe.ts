import { createConnection } from 'node:net'
import type { Probe } from '../lab/ports/host.ts'

/** A reset is an answer, too: whoever drops packets sends none. */
const REFUSALS = ['ECONNREFUSED', 'ECONNRESET']

/**
 * Opens a connection and waits for the first bytes: a bare connect proves nothing where something else accepts
 * it, and a firewall that drops packets never answers at all.
 */
export const probe: Probe = ({ host, port }, { say, forMs }) =>
  new Promise((resolve) => {
    const socket = createConnection({ host, port })
    const settle = (answer: Awaited<ReturnType<Probe>>) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(() => settle('silent'), forMs)
    socket.once('connect', () => {
      if (say !== undefined) socket.write(say)
    })
    socket.once('data', () => settle('answers'))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(REFUSALS.includes(error.code ?? '') ? 'refused' : 'silent'),
    )
    // It was accepted and hung up on without a word: somebody is there, and it is not what was asked for.
    socket.once('end', () => settle('refused'))
  })
