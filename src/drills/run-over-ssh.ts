import { text } from 'node:stream/consumers'
import ssh2 from 'ssh2'
import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { handout } from '../lab/lab.ts'

/**
 * Runs one command as the student would; what it printed. The host key is not looked at: it is a server of this machine's own cloud, and a
 * drill may have changed its key.
 */
export function runOverSsh(to: ssh2.ConnectConfig, command: string, stdin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const fail = (error: Error) => {
      client.end()
      reject(unreached(error))
    }
    client.on('error', fail)
    client.on('ready', () => {
      client.exec(command, (failed, channel) => {
        if (failed) return fail(failed)
        let code: number | null = null
        const printed = Promise.all([text(channel), text(channel.stderr)])
        channel.on('exit', (exitCode: number | null) => {
          code = exitCode
        })
        channel.on('close', () => {
          void printed.then(([stdout, stderr]) => {
            client.end()
            if (code === 0) resolve(stdout)
            else reject(new Error(`On the server this failed with ${code}: ${command}\n${stderr}`))
          })
        })
        channel.end(stdin)
      })
    })
    client.connect({ ...to, username: handout.sshUser, readyTimeout: 8_000 })
  })
}

function unreached(cause: Error): LabError {
  return new LabError(
    {
      what: `The server can’t be reached over SSH to repair it (${cause.message}).`,
      why: 'Something else than the drill stands in the way.',
      remedy: { say: 'Let the doctor tell what, mend that, and try again.', run: [flasklab('doctor')] },
    },
    { cause },
  )
}
