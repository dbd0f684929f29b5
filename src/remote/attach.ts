import type { NodeSSH } from 'node-ssh'
import type { ClientChannel } from 'ssh2'
import type { Io } from '../lab/io.ts'
import { noOutput, notTaken } from './ssh-findings.ts'

/** The student's terminal on the server; raw, so that Ctrl-C is the remote program's. */
export function attach(
  client: NonNullable<NodeSSH['connection']>,
  command: string | undefined,
  terminal: boolean,
  { env, stdin, stdout, stderr }: Pick<Io, 'env' | 'stdin' | 'stdout' | 'stderr'>,
): Promise<number> {
  const pty = { term: env['TERM'] ?? 'xterm', cols: stdout.columns ?? 80, rows: stdout.rows ?? 24 }
  return new Promise((resolve, reject) => {
    const begin = (error: Error | undefined, channel: ClientChannel) => {
      if (error) return reject(notTaken(error))
      let code = 255
      const resize = () => channel.setWindow(stdout.rows ?? 24, stdout.columns ?? 80, 0, 0)
      const isRaw = command === undefined && stdin.isTTY
      if (isRaw) stdin.setRawMode?.(true)
      const stop = (lost: NodeJS.ErrnoException) => {
        // Output that nobody reads any more would keep the channel open.
        channel.resume()
        channel.close()
        // A reader that has had enough, as in `| head`, ends the command.
        if (lost.code !== 'EPIPE') reject(noOutput(lost))
      }
      stdout.once('error', stop)
      stdout.on('resize', resize)
      stdin.pipe(channel)
      channel.pipe(stdout, { end: false })
      channel.stderr.pipe(stderr, { end: false })
      channel.on('exit', (exitCode: number | null) => {
        code = exitCode ?? 137
      })
      channel.on('close', () => {
        stdin.unpipe(channel)
        stdin.pause()
        if (isRaw) stdin.setRawMode?.(false)
        stdout.off('resize', resize)
        stdout.off('error', stop)
        resolve(code)
      })
    }
    if (command === undefined) client.shell(stdin.isTTY ? pty : false, begin)
    else client.exec(command, terminal ? { pty } : {}, begin)
  })
}
