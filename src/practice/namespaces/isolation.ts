import { spawnSync } from 'node:child_process'
import { EC2_USER_SPACE, MACHINE_SPACES, ROUTER_SPACES, SYSTEM_PATH } from './programs.ts'

/** Whether this user may make machines of Linux namespaces here; else why not, in the system's words. */
type Isolation = { readonly isPossible: true } | { readonly isPossible: false; readonly why: string }

const INSIDE = [
  'mount -t tmpfs x /mnt',
  'mount --bind /usr /mnt',
  'mount -o remount,bind,ro /mnt',
  'mount -t devpts -o newinstance x /mnt',
  'mount -t proc x /proc',
].join(' && ')

const MACHINE = ['unshare', ...EC2_USER_SPACE, 'unshare', ...MACHINE_SPACES, 'sh -c "$0"'].join(' ')

const ROUTER = [
  'ip link add v0 type veth peer name v1',
  'ip rule add pref 40 iif v0 ipproto tcp dport 1-2 blackhole',
  MACHINE,
].join(' && ')

/** Finds it out by doing it, in some 30 ms: settings of the kernel alone don't tell of filters and profiles. */
export function probeIsolation(): Isolation {
  if (process.platform !== 'linux') return { isPossible: false, why: 'it is no Linux' }
  const { status, stderr, error } = spawnSync('unshare', [...ROUTER_SPACES, 'sh', '-c', ROUTER, INSIDE], {
    env: { PATH: SYSTEM_PATH },
    encoding: 'utf8',
    timeout: 10_000,
  })
  if (status === 0) return { isPossible: true }
  return { isPossible: false, why: error?.message ?? (stderr.trim() || `unshare ended with ${status}`) }
}
