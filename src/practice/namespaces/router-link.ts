import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { childrenOf } from './process-tree.ts'
import { type CommandLine, entering, ROUTER_SPACES, SYSTEM_PATH } from './programs.ts'
import { ROUTER_READY, type RouterAnswer, type RouterOrder } from './router-messages.ts'

/** The router of a practice cloud, as the daemon speaks to it. */
export interface Router {
  /** Its number on the laptop. */
  readonly pid: number
  /** Connects to a machine, from whichever address; rejects with the system's code. */
  dial(from: string, to: string, port: number): Promise<Socket>
  /** Listens where machines dial: on any address, be it another machine's. */
  listen(address: string, port: number): Promise<Server>
  /** Changes the network by lines for `ip`. */
  ip(...lines: readonly string[]): Promise<void>
  /** Runs a program in its network, and below it. */
  inside(words: readonly string[]): CommandLine
  /** Ends it, and with it all that runs in its network. */
  close(): Promise<void>
}

/** Own packets find machines by table 50; what a machine sends is for the router, whatever address it names. */
const NETWORK = [
  'ip link set lo up',
  'ip rule add pref 30 iif lo lookup 50',
  'ip rule add pref 100 lookup local',
  'ip rule del pref 0',
  'ip route add local default dev lo table local',
].join(' && ')

const ROUTER = fileURLToPath(new URL('./router.js', import.meta.url))

/** `log` hears why it ended, where nobody closed it; `program`: the router's own, as it is built. */
export async function openRouter(log: (line: string) => void, program = ROUTER): Promise<Router> {
  // A shell in front: as first process of a PID namespace it reaps, which Node does not.
  const script = `${NETWORK} && "$0" "$1"; exit 0`
  const child = spawn('unshare', [...ROUTER_SPACES, 'sh', '-c', script, process.execPath, program], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH: SYSTEM_PATH },
  })
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2_000)
  })
  const ended = once(child, 'exit')
  const first = await Promise.race([once(child, 'message'), ended])
  if (first[0] !== ROUTER_READY) throw new Error(`The router ended while it started: ${words.trim()}`)
  const ask = asking(child)
  let isWanted = true
  void ended.then(() => isWanted && log(`the router has ended: ${words.trim()}`))
  const [pid = 0] = childrenOf(child.pid ?? 0)
  return {
    pid,
    dial: async (from, to, port) => (await ask({ kind: 'dial', from, to, port })) as Socket,
    listen: async (address, port) => (await ask({ kind: 'listen', address, port })) as Server,
    ip: async (...lines) => void (await ask({ kind: 'ip', lines })),
    inside: (all) => entering({ user: pid, net: pid, pid }, ['--', ...all]),
    async close() {
      isWanted = false
      child.kill('SIGKILL')
      await ended
    },
  }
}

function asking(router: ChildProcess) {
  const waiting = new Map<number, (answer: RouterAnswer, handle: unknown) => void>()
  let last = 0
  router.on('message', (answer: RouterAnswer, handle: unknown) => {
    waiting.get(answer.id)?.(answer, handle)
    waiting.delete(answer.id)
  })
  router.on('exit', () => {
    for (const [id, settle] of waiting) settle({ id, error: 'ECONNRESET' }, undefined)
    waiting.clear()
  })
  return (order: RouterOrder): Promise<unknown> => {
    last += 1
    const id = last
    return new Promise((resolve, reject) => {
      waiting.set(id, ({ error }, handle) => {
        if (error === undefined) resolve(handle)
        else reject(Object.assign(new Error(error), { code: error }))
      })
      router.send({ ...order, id }, (failed) => {
        if (failed && waiting.delete(id)) reject(failed)
      })
    })
  }
}
