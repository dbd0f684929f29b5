/** Where util-linux and iproute2 lie. The student's PATH may have others of these names in front. */
export const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** A program of that PATH with its words. */
export type CommandLine = readonly [program: string, ...words: string[]]

/** Enters namespaces of processes, each by its file in /proc, and runs a program there. */
export function entering(
  spaces: Readonly<Partial<Record<Space, number>>>,
  words: readonly string[],
): CommandLine {
  const flags = Object.entries(spaces).map(
    ([space, pid]) => `--${space === 'mnt' ? 'mount' : space}=/proc/${pid}/ns/${space}`,
  )
  return ['nsenter', ...flags, '--preserve-credentials', ...words]
}

/** A namespace by the name of its file. */
type Space = 'user' | 'mnt' | 'pid' | 'net' | 'uts' | 'ipc' | 'cgroup'

/** Words of `unshare` for the router's namespaces. */
export const ROUTER_SPACES = [
  ...['--user', '--map-root-user', '--net', '--pid', '--mount', '--mount-proc'],
  ...['--fork', '--kill-child'],
]

/** For the outer user namespace of a machine: it knows ec2-user only. */
export const EC2_USER_SPACE = ['--user', '--map-user=1000', '--map-group=1000']

/** For the inner one, which is root's, and all that it owns. */
export const MACHINE_SPACES = [
  ...['--user', '--map-root-user', '--mount', '--propagation', 'private'],
  ...['--pid', '--net', '--uts', '--ipc', '--cgroup', '--fork', '--kill-child'],
]
