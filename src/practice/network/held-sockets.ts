import type { Socket } from 'node:net'
import { Transform } from 'node:stream'

/** How long TCP waits before it sends again what was dropped, after it has waited so long. */
export function nextWait(wait: number): number {
  return Math.min(wait * 2, 32_000)
}

/** Keeps what a blocked client has sent, and notices when it gives up (a socket that nobody reads does not). */
export function hold(socket: Socket): { release(): void } {
  const chunks: Buffer[] = []
  let size = 0
  const keep = (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.length
    if (size > 65_536) socket.pause()
  }
  const giveUp = () => socket.destroy()
  // Paused since it was accepted, it would not flow for a listener alone.
  socket.on('data', keep).on('end', giveUp).resume()
  return {
    release() {
      socket.off('data', keep).off('end', giveUp).pause()
      if (size > 0) socket.unshift(Buffer.concat(chunks))
    },
  }
}

/** Lets data through while the rules do; else keeps it, as TCP sends again what was dropped. */
export function checkpoint(socket: Socket, passes: () => boolean, cut: () => void): Transform {
  return new Transform({
    async transform(chunk, _encoding, done) {
      if (!passes()) cut()
      for (let wait = 200; !passes() && !socket.destroyed; wait = nextWait(wait)) {
        await closedOrAfter(socket, wait)
        if (socket.readableEnded) socket.destroy()
      }
      done(undefined, chunk)
    },
  })
}

/** Resolves when the socket closes, or after so many milliseconds. */
export function closedOrAfter(socket: Socket, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      socket.off('close', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    socket.once('close', done)
  })
}
