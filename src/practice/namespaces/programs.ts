/** Where util-linux and iproute2 lie. The student's PATH may have others of these names in front. */
export const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** A program of that PATH with its words. */
export type CommandLine = readonly [program: string, ...words: string[]]

/** Enters namespaces of a process, each by its file, and runs a program there. */
export function entering(
  spaces: Readonly<Partial<Record<Space, number>>>,
  words: readonly string[],
): CommandLine {
  const flags = Object.entries(spaces).map(
    ([space, pid]) => `--${NSENTER_FLAG[space as Space]}=/proc/${pid}/ns/${space}`,
  )
  return ['nsenter', ...flags, '--preserve-credentials', ...words]
}

/** A namespace by the name of its file in /proc. */
export type Space = keyof typeof NSENTER_FLAG

const NSENTER_FLAG = {
  user: 'user',
  mnt: 'mount',
  pid: 'pid',
  net: 'net',
  uts: 'uts',
  ipc: 'ipc',
  cgroup: 'cgroup',
} as const
