import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from './until.ts'

const SYSTEMD = '/lib/systemd/systemd'

/**
 * A real systemd as process 1 of namespaces of its own: processes, mounts, cgroup and network. Its root is this
 * machine's, with every write kept apart and thrown away at the end; its network has nothing but a loopback.
 */
export interface Systemd {
  /** Its process id as seen from here. Another one after a reboot. */
  pid(): Promise<number>
  /** As root, under bash. */
  run(command: string): Promise<{ readonly code: number; readonly stdout: string }>
  reboot(): Promise<void>
  remove(): Promise<void>
}

/** Why none can be booted here, if so. */
export async function whyNoSystemd(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'this is not Linux'
  if (process.getuid?.() !== 0) return 'only root can'
  if (spawnSync(SYSTEMD, ['--version']).status !== 0) return 'systemd is not installed'
  const cgroups = await cgroupFolder()
  if (cgroups === undefined) return 'there is no cgroup2 hierarchy'
  const trial = join(cgroups, `flasklab-trial-${randomBytes(4).toString('hex')}`)
  try {
    await mkdir(trial)
    await rmdir(trial)
  } catch {
    return 'no cgroup can be made'
  }
  const flags = ['--mount', '--pid', '--net', '--cgroup', '--fork', 'true']
  if (spawnSync('unshare', flags).status !== 0) return 'no namespaces can be made'
}

/** `furnish`: bash that puts things into the new root, `$R`, before the first boot. */
export async function bootSystemd(furnish: string): Promise<Systemd> {
  const folder = await mkdtemp(join(tmpdir(), 'flasklab-systemd-'))
  const cgroup = join((await cgroupFolder()) ?? '', `flasklab-${randomBytes(4).toString('hex')}`)
  await mkdir(cgroup)
  const script = `set -eu; echo $$ >${cgroup}/cgroup.procs; T=${folder}; ${prepare}\n${furnish}\n${bootUntilPoweroff}`
  const outer = spawn('unshare', ['--mount', '--kill-child', '--fork', 'bash', '-c', script], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  outer.stderr.on('data', (chunk) => {
    said += chunk
  })
  const killAtExit = () => void outer.kill('SIGKILL')
  process.once('exit', killAtExit)
  const ended = once(outer, 'exit').finally(() => process.off('exit', killAtExit))

  const isUp = async () => {
    if (hasEnded(outer)) throw new Error(`It ended:\n${said}`)
    return (
      (await systemdBelow(outer.pid)) !== undefined && (await run('systemctl is-system-running')).code === 0
    )
  }
  const run = async (command: string) => {
    const pid = await systemdBelow(outer.pid)
    const flags = ['-t', String(pid), '-m', '-p', '-n', '-C', 'bash', '-c', command]
    const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/home/ec2-user', LC_ALL: 'C' }
    return promisify(execFile)('nsenter', flags, { env: environment, timeout: 60_000 }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { code?: number; stdout: string }) => ({ code: code ?? -1, stdout }),
    )
  }
  const remove = async () => {
    // Process 1 of the namespace takes all others with it.
    const pid = await systemdBelow(outer.pid)
    outer.kill('SIGKILL')
    if (pid !== undefined) killIfThere(pid)
    await ended
    await until('its cgroups are empty', () => removeTree(cgroup))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await until('systemd is up', isUp)
  } catch (error) {
    await remove()
    throw error
  }
  return {
    run,
    remove,
    pid: async () => (await systemdBelow(outer.pid)) ?? 0,
    reboot: async () => {
      const before = await systemdBelow(outer.pid)
      await run('systemctl reboot --force')
      await until('it is up again', async () => (await systemdBelow(outer.pid)) !== before && (await isUp()))
    },
  }
}

// The root file system: this machine's, with what is written kept in memory. No unit of this machine is started,
// and nothing that is set up at a boot may reach the kernel that both share.
const prepare = `
mount --make-rprivate /
mount -t tmpfs tmpfs $T
R=$T/root
mkdir $T/upper $T/work $R
mount -t overlay overlay -o lowerdir=/,upperdir=$T/upper,workdir=$T/work $R
rm -rf $R/etc/systemd/system $R/lib/systemd/system/*.wants $R/var/log/journal
mkdir -p $R/etc/systemd/system $R/lib/systemd/system/sysinit.target.wants $R/old
ln -s ../systemd-journald.service $R/lib/systemd/system/sysinit.target.wants/`

// A reboot inside ends process 1 by SIGHUP, anything else is the end.
const bootUntilPoweroff = `
boot='
  set -eu
  mount -t proc proc $R/proc
  mount --bind $R/proc/sys $R/proc/sys
  mount -o remount,bind,ro $R/proc/sys
  mount -t tmpfs -o mode=755 tmpfs $R/run
  mount -t tmpfs -o mode=1777 tmpfs $R/tmp
  mount -t sysfs -o ro sysfs $R/sys
  mount -t cgroup2 cgroup2 $R/sys/fs/cgroup
  mount -t tmpfs -o mode=755 tmpfs $R/dev
  for node in null zero full random urandom tty; do touch $R/dev/$node; mount --bind /dev/$node $R/dev/$node; done
  mkdir $R/dev/pts $R/dev/shm $R/dev/mqueue $R/dev/hugepages
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts $R/dev/pts
  mount -t tmpfs -o mode=1777 tmpfs $R/dev/shm
  ln -s pts/ptmx $R/dev/ptmx
  ln -s /proc/self/fd $R/dev/fd
  cd $R
  pivot_root . old
  umount -l /old
  exec env -i container=flasklab PATH=/usr/sbin:/usr/bin:/sbin:/bin ${SYSTEMD} --system --unit=multi-user.target --log-target=null
'
export R
while unshare --mount --pid --net --ipc --uts --cgroup --fork --kill-child bash -c "$boot" </dev/null; [ $? -eq 129 ]; do :; done`

async function cgroupFolder(): Promise<string | undefined> {
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type]) => type === 'cgroup2')?.[1]
}

async function systemdBelow(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
  if ((await read('comm')) === 'systemd\n') return pid
  const children = (await read(`task/${pid}/children`)).split(' ').filter(Boolean)
  for (const child of children) {
    const found = await systemdBelow(Number(child))
    if (found !== undefined) return found
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

// A cgroup's files are not deleted, its folders are: from the innermost.
async function removeTree(cgroup: string): Promise<boolean> {
  return spawnSync('find', [cgroup, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+']).status === 0
}
