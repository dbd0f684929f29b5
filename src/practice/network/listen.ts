import type { Server } from 'node:net'

const LOWEST_PORT = 20_000
const HIGHEST_PORT = 31_999

/** Listens on the known port, else on a free one, and tells which. */
export async function listen(server: Server, known: number | undefined, taken: number[]): Promise<number> {
  if (known !== undefined) return tryToListen(server, known)
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT + 1))
    if (taken.includes(port)) continue
    try {
      return await tryToListen(server, port)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new Error(`No free port between ${LOWEST_PORT} and ${HIGHEST_PORT}.`)
}

function tryToListen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      server.on('error', () => {})
      resolve(port)
    })
  })
}
