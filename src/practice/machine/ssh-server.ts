import { spawn } from 'node:child_process'
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { constants as system } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import * as pty from '@lydell/node-pty'
import ssh2 from 'ssh2'
import { createFaults, type Faults } from '../faults.ts'
import { openSocketName } from '../network/socket-names.ts'
import type { Disk } from './disk.ts'
import type { HostKey } from './host-keys.ts'
import { serveSftp } from './sftp.ts'

export interface SshServer {
  close(): void
}

interface Terminal {
  readonly cols: number
  readonly rows: number
  readonly term: string
}

/** An SSH server in front of an instance's disk: the authorized keys open it for ec2-user, nothing else does. */
export async function startSshServer(
  disk: Disk,
  hostKeys: readonly HostKey[],
  authorizedKeys: () => string,
  dial: (host: string, port: number, gone: AbortSignal) => Promise<Duplex>,
  faults: Faults = createFaults(),
): Promise<SshServer> {
  const clients = new Set<ssh2.Connection>()
  const server = new ssh2.Server({ hostKeys: hostKeys.map((key) => key.privateKey) }, (client) => {
    const gone = new AbortController()
    clients.add(client)
    client.on('close', () => {
      clients.delete(client)
      gone.abort()
    })
    client.on('error', () => client.end())
    client.on('authentication', (attempt) => {
      if (attempt.method !== 'publickey' || !accepts(attempt)) return attempt.reject(['publickey'])
      attempt.accept()
    })
    client.on('session', (accept) => serveSession(accept(), disk, faults))
    client.on('tcpip', (accept, reject, info) => {
      dial(info.destIP, info.destPort, gone.signal).then(
        (inside) => {
          if (gone.signal.aborted) return inside.destroy()
          const channel = accept()
          channel.on('error', () => inside.destroy()).on('close', () => inside.destroy())
          inside.on('error', () => channel.destroy())
          channel.pipe(inside).pipe(channel)
        },
        () => gone.signal.aborted || reject(),
      )
    })
  })

  const path = join(disk.sockets, openSocketName(22))
  rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve())
  })
  return {
    close() {
      server.close()
      for (const client of clients) client.end()
    },
  }

  function accepts(attempt: ssh2.PublicKeyAuthContext): boolean {
    if (attempt.username !== 'ec2-user') return false
    const authorized = keysIn(authorizedKeys()).find((key) => attempt.key.data.equals(key.getPublicSSH()))
    if (authorized === undefined) return false
    if (attempt.signature === undefined || attempt.blob === undefined) return true
    return authorized.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true
  }
}

/** Lines that hold no key open nothing. */
function keysIn(lines: string): ssh2.ParsedKey[] {
  return lines
    .split('\n')
    .map((line) => ssh2.utils.parseKey(line))
    .flatMap((parsed) => (parsed instanceof Error ? [] : parsed))
}

function serveSession(session: ssh2.Session, disk: Disk, faults: Faults): void {
  let terminal: Terminal | undefined
  let resize: ((columns: number, rows: number) => void) | undefined

  session.on('pty', (accept, _reject, info) => {
    const { term } = info as typeof info & { term?: string }
    terminal = { cols: info.cols || 80, rows: info.rows || 24, term: term ?? 'xterm' }
    accept?.()
  })
  session.on('window-change', (accept, _reject, info) => {
    if (terminal)
      terminal = { ...terminal, cols: info.cols || terminal.cols, rows: info.rows || terminal.rows }
    resize?.(info.cols, info.rows)
    accept?.()
  })
  session.on('env', (accept) => accept?.())
  session.on('exec', (accept, _reject, info) => run(accept(), ['-c', info.command]))
  session.on('shell', (accept) => run(accept(), ['-i']))
  session.on('sftp', (accept) => serveSftp(accept(), disk))

  function run(channel: ssh2.ServerChannel, words: string[]): void {
    if (terminal === undefined) {
      const moment = faults.around('ssh', () => runPlain(channel, words, disk))
      // Nobody is left to tell.
      moment.then(
        (tell) => tell(),
        () => channel.destroy(),
      )
    } else resize = runInTerminal(channel, words, disk, terminal)
  }
}

/**
 * Without a terminal a command is told of a lost connection by its next write only, as under OpenSSH: closing our
 * ends of its pipes does just that. Once it has ended, what is answered tells so.
 */
function runPlain(channel: ssh2.ServerChannel, words: string[], disk: Disk): Promise<() => void> {
  const child = spawn('/bin/bash', words, {
    cwd: disk.home,
    env: disk.environment,
    detached: true,
    stdio: 'pipe',
  })
  channel.on('error', () => channel.destroy())
  child.stdin.on('error', () => {})
  child.on('error', () => channel.stderr.write('The practice server could not start a shell.\n'))
  channel.pipe(child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  channel.on('close', () => {
    child.stdin.destroy()
    child.stdout.destroy()
    child.stderr.destroy()
  })
  return new Promise((resolve) => {
    child.on('close', (code, killedBy) => {
      resolve(() => {
        // The end of the channel waits for stdout alone: what stderr still holds would be lost.
        channel.stderr.end(() => {
          if (killedBy) channel.exit(killedBy.replace(/^SIG/, ''), false, '')
          else channel.exit(code === null || code < 0 ? 127 : code)
          channel.end()
        })
      })
    })
  })
}

function runInTerminal(
  channel: ssh2.ServerChannel,
  words: string[],
  disk: Disk,
  terminal: Terminal,
): (columns: number, rows: number) => void {
  const child = pty.spawn('/bin/bash', words, {
    cwd: disk.home,
    env: { ...disk.environment, TERM: terminal.term },
    name: terminal.term,
    cols: terminal.cols,
    rows: terminal.rows,
  })
  // Not in its types, but every terminal of node-pty has it outside of Windows.
  const { ptsName } = child as pty.IPty & { readonly ptsName: string }
  // Held open by us, the terminal does not hang up with its shell: Node would drop what it has not read by then.
  const kept = openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY)
  let open = true
  channel.on('error', () => channel.destroy())
  child.onData((text) => {
    if (open && !channel.write(text)) child.pause()
  })
  channel.on('drain', () => child.resume())
  channel.setEncoding('utf8').on('data', (text: string) => open && child.write(text))
  child.onExit(({ exitCode, signal }) => {
    closeSync(kept)
    if (!open) return
    open = false
    if (signal) channel.exit(signalName(signal), false, '')
    else channel.exit(exitCode)
    channel.end()
  })
  channel.on('close', () => {
    if (open) child.kill('SIGHUP')
    open = false
  })
  return (columns, rows) => open && child.resize(Math.max(columns, 1), Math.max(rows, 1))
}

function signalName(number: number): string {
  const [name = 'SIGHUP'] = Object.entries(system.signals).find(([, each]) => each === number) ?? []
  return name.replace(/^SIG/, '')
}
