import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Places } from '../paths.ts'
import { INSTANCE_MARK, PRACTICE_MARK } from '../processes.ts'
import type { Instance } from '../state.ts'
import { createHostKeys, type HostKey } from './host-keys.ts'

/** The disk of a server whose volume is unknown. */
const USUAL_SIZE_GIB = 8
const AUTHORIZED_KEYS = '.ssh/authorized_keys'
const HERE = fileURLToPath(new URL('.', import.meta.url))

/** The folders of one practice instance, which are its disk. */
export interface Disk {
  readonly home: string
  readonly units: string
  readonly journal: string
  readonly consoleFile: string
  readonly sockets: string
  readonly hostName: string
  readonly environment: Readonly<Record<string, string>>
  hostKeys(): HostKey[]
}

/** Opens an instance's disk, and makes it at the first boot. */
export function openDisk(places: Places, instance: Instance, sizeGib = USUAL_SIZE_GIB): Disk {
  const root = places.machine(instance.id)
  const home = join(root, 'home', 'ec2-user')
  const programs = join(root, 'usr', 'bin')
  const sockets = places.sockets(instance.id)
  const disk = {
    home,
    units: join(root, 'etc', 'systemd', 'system'),
    journal: join(root, 'var', 'log', 'journal'),
    consoleFile: join(root, 'var', 'log', 'console.log'),
    sockets,
    hostName: `ip-${instance.privateAddress.replaceAll('.', '-')}`,
  }
  const wants = join(disk.units, 'multi-user.target.wants')
  for (const folder of [home, programs, disk.journal, wants, join(root, 'etc', 'ssh'), sockets]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
  if (!existsSync(join(home, '.bashrc'))) writeFileSync(join(home, '.bashrc'), bashrc(disk.hostName))
  return {
    ...disk,
    environment: { ...environmentFor(places, instance, disk, programs), FLASKLAB_DISK_GIB: String(sizeGib) },
    hostKeys: () => createHostKeys(join(root, 'etc', 'ssh')),
  }
}

function environmentFor(
  places: Places,
  instance: Instance,
  disk: { home: string; journal: string; sockets: string; hostName: string },
  programs: string,
): Record<string, string> {
  return {
    HOME: disk.home,
    USER: 'ec2-user',
    LOGNAME: 'ec2-user',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    HOSTNAME: disk.hostName,
    PATH: [programs, join(HERE, 'stand-ins'), places.tools].join(delimiter),
    [PRACTICE_MARK]: places.root,
    [INSTANCE_MARK]: instance.id,
    FLASKLAB_SOCKETS: disk.sockets,
    FLASKLAB_JOURNAL: disk.journal,
    FLASKLAB_PROGRAMS: programs,
    FLASKLAB_NODE: process.execPath,
    FLASKLAB_MACHINE: HERE,
    FLASKLAB_REAL_PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    // npm on the instance downloads as npm on the laptop does: same registry, proxy and cache.
    npm_config_userconfig: process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc'),
    npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    ...proxySettings(),
  }
}

function proxySettings(): Record<string, string> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']
  const entries = names
    .flatMap((name) => [name, name.toLowerCase()])
    .flatMap((name): [string, string][] => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    })
  return Object.fromEntries(entries)
}

// The prompt of ec2-user ends in `$`, also where the laptop's user is root.
function bashrc(hostName: string): string {
  return `PS1='[ec2-user@${hostName} \\W]$ '\nalias ls='ls --color=auto'\n`
}

// Programs that the server must not take from the laptop: it has its own or, until dnf installs it, none.
const NOT_ON_THE_SERVER =
  /^(node|nodejs|npm|npx|corepack|curl|whoami|hostname|mysql.*|mariadb.*|sudo|su|dnf|yum|apt.*|dpkg.*|systemctl|journalctl|ss|reboot|shutdown|poweroff|halt|init|aws|flasklab)$/

/** Makes the folder of ordinary programs that every practice instance shares: links to the laptop's. */
export function linkTools(places: Places): void {
  mkdirSync(places.tools, { recursive: true, mode: 0o700 })
  const present = new Set(readdirSync(places.tools))
  for (const folder of ['/bin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']) {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      if (present.has(name) || NOT_ON_THE_SERVER.test(name)) continue
      symlinkSync(join(folder, name), join(places.tools, name))
      present.add(name)
    }
  }
}

/** Lets in the instance's key pair, as cloud-init does once in the instance's life. */
export function authorize({ home }: Disk, publicKey: string): void {
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 })
  writeFileSync(join(home, AUTHORIZED_KEYS), `${publicKey}\n`, { mode: 0o600 })
}

/** As they are now: whoever may log in may change them. */
export function readAuthorizedKeys({ home }: Disk): string {
  const file = join(home, AUTHORIZED_KEYS)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** The serial console's output; empty before the first boot. */
export function readConsole(places: Places, instanceId: string): string {
  const file = join(places.machine(instanceId), 'var', 'log', 'console.log')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
