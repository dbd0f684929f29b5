import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { signal } from '../processes.ts'
import { lineOf, numbersOf } from './process-tree.ts'
import { type CommandLine, EC2_USER_SPACE, entering, MACHINE_SPACES, SYSTEM_PATH } from './programs.ts'
import type { Router } from './router-link.ts'

/** A practice machine: processes, files, users, names and network of its own, made of Linux namespaces. */
export interface Machine {
  /** The number of its first process on the laptop; the machine lives as long as that. */
  readonly pid: number
  /** The command line that runs a program in it, as ec2-user or as its root; it ends with whoever began it. */
  inside(words: readonly string[], who?: 'root'): CommandLine
  /** Says where it may open connections to, from now on; to all else its packets vanish. */
  allow(ways: readonly Way[]): Promise<void>
  /** A path in it, as the laptop reaches it. */
  outside(path: string): string
  /** Ends all that runs in it; its folder stays. */
  end(): Promise<void>
}

/** Ports of an address, the last one included. */
interface Way {
  readonly address: string
  readonly from: number
  readonly to: number
}

interface MachinePlan {
  /** Its disk: `home/ec2-user` is the only folder of the laptop that it may write to. */
  readonly folder: string
  /** Between 1 and 65,535, and no other machine's. */
  readonly number: number
  readonly privateAddress: string
}

export async function startMachine(plan: MachinePlan, router: Router): Promise<Machine> {
  const { folder, number, privateAddress } = plan
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const [program, ...words] = router.inside(['unshare', ...machineWords(plan)])
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: SYSTEM_PATH } })
  const ended = once(child, 'exit')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000)
  })
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const heard = async (word: string) => {
    const { value } = await lines.next()
    if (value !== word) throw new Error(`The machine in ${folder} could not be made: ${said.trim()}`)
  }
  await heard('made')
  // unshare of the user, its shell, unshare of the machine, its first process: found by their numbers.
  const line = lineOf(child.pid ?? 0).filter((pid) => numbersOf(pid).length > 1)
  const pid = line.find((each) => numbersOf(each).at(-1) === 1) ?? 0
  const [userPid = 0] = line
  await router.ip(...cable(number, privateAddress, numbersOf(pid)[1] ?? 0))
  const rules = await openRules(number, router)
  child.stdin.end('\n')
  await heard('ready')
  return {
    pid,
    inside(program, who) {
      const spaces = { mnt: pid, pid, net: pid, uts: pid, ipc: pid, cgroup: pid }
      // Entered by the outer of the two user namespaces, a process is ec2-user; by the inner one, root.
      const user = who === 'root' ? pid : userPid
      const home = who === 'root' ? 'root' : 'home/ec2-user'
      // Without that a program would outlive the command that entered for it.
      const bound = ['setpriv', '--pdeathsig', 'KILL', '--', ...program]
      return entering({ user, ...spaces }, [`--wd=/proc/${pid}/root/${home}`, '--', ...bound])
    },
    allow: (ways) => rules.set(ways.map((way) => wayRule(number, way))),
    outside: (path) => `/proc/${pid}/root${path}`,
    async end() {
      child.kill('SIGKILL')
      if (pid > 0) signal(pid, 'SIGKILL')
      await ended
      await rules.remove()
      // A network goes with its last process, which may take a while to be reaped: its number is free at once.
      await router.ip(`link del v${number}`).catch(() => {})
    },
  }
}

/** Two user namespaces: the outer one knows ec2-user only, the inner one is root's and owns the machine. */
function machineWords({ folder, privateAddress }: MachinePlan): string[] {
  const script = fileURLToPath(new URL('./machine.sh', import.meta.url))
  const name = `ip-${privateAddress.replaceAll('.', '-')}`
  const inner = ['unshare', ...MACHINE_SPACES, 'sh', script]
  // The shell stays: who enters its user namespace is ec2-user.
  return [
    ...EC2_USER_SPACE,
    ...['sh', '-c', '"$@"; exit 0', 'sh', ...inner, folder, privateAddress, name, process.execPath],
  ]
}

/** A cable from the router to a machine. Both ends have one hardware address, as nobody is asked for his. */
function cable(number: number, address: string, pid: number): string[] {
  const name = `v${number}`
  const hardware = `02:00:00:00:${hex(number >> 8)}:${hex(number & 255)}`
  return [
    `link add ${name} address ${hardware} type veth peer name eth0 address ${hardware} netns ${pid}`,
    `link set ${name} arp off up`,
    `route add ${address}/32 dev ${name} table 50`,
  ]
}

/** Lets the machine answer those who dialled it, and dial what its rules name; all else vanishes. */
async function openRules(number: number, router: Router) {
  const always = [
    `pref 41 iif v${number} ipproto tcp sport 1-32767 lookup local`,
    `pref 90 iif v${number} blackhole`,
  ]
  let present: readonly string[] = []
  const change = async (next: readonly string[], before: readonly string[]) => {
    const gone = before.filter((rule) => !next.includes(rule)).map((rule) => `rule del ${rule}`)
    const come = next.filter((rule) => !before.includes(rule)).map((rule) => `rule add ${rule}`)
    if (gone.length + come.length > 0) await router.ip(...come, ...gone)
  }
  await change(always, [])
  return {
    async set(next: readonly string[]) {
      const before = present
      present = next
      await change(next, before)
    },
    async remove() {
      // A router that has ended has taken them along.
      await change([], [...always, ...present]).catch(() => {})
    },
  }
}

function wayRule(number: number, { address, from, to }: Way): string {
  return `pref 40 iif v${number} to ${address} ipproto tcp dport ${from}-${to} lookup local`
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
