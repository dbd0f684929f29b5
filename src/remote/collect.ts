import type { NodeSSH } from 'node-ssh'
import type { Server } from '../lab/lab.ts'
import type { Ran } from '../lab/ports/host.ts'
import { cutOff, notTaken, tooSlow } from './ssh-findings.ts'

/**
 * Runs a command to its end. node-ssh's own way of that hears nothing of a command that ends too quickly: here all listeners are in place before the first turn of the event loop ends: a quick command's exit code may come in
 * the same packet as the word that it has begun.
 */
export function collect(
  client: NonNullable<NodeSSH['connection']>,
  command: string,
  stdin: string | Buffer | undefined,
  timeoutMs: number,
  server: Server,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    client.exec(command, (failed, channel) => {
      if (failed) return reject(notTaken(failed))
      const output: Buffer[] = []
      const errors: Buffer[] = []
      let code: number | undefined
      const timer = setTimeout(() => {
        channel.close()
        reject(tooSlow(server, timeoutMs))
      }, timeoutMs)
      channel.on('data', (chunk: Buffer) => output.push(chunk))
      channel.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
      channel.on('exit', (exitCode: number | null) => {
        // Null: it was ended by a signal, which a shell would report as 128 and more.
        code = exitCode ?? 137
      })
      channel.on('error', (error: Error) => {
        clearTimeout(timer)
        reject(error)
      })
      channel.on('close', () => {
        clearTimeout(timer)
        if (code === undefined) return reject(cutOff(server))
        resolve({ code, stdout: Buffer.concat(output).toString(), stderr: Buffer.concat(errors).toString() })
      })
      channel.end(stdin)
    })
  })
}
