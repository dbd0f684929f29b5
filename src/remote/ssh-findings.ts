import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { handout, type Server } from '../lab/lab.ts'

export function notTaken(cause: Error): LabError {
  return new LabError(
    {
      what: `The server did not take the command (${cause.message}).`,
      why: 'Either it is longer than one SSH message may be (some 30 000 letters), or the server allows no more sessions.',
      remedy: { say: 'Send what is long on the standard input, or as a file with scp.' },
    },
    { cause },
  )
}

export function noOutput(cause: Error): LabError {
  return new LabError(
    {
      what: 'The server’s output could not be written to the standard output.',
      why: cause.message,
      remedy: { say: 'Look where the output goes, then run it again.' },
    },
    { cause },
  )
}

export function noTunnel(
  server: Server,
  to: { readonly host: string; readonly port: number },
  why: string,
): LabError {
  return new LabError({
    what: `From ${server.id} no new connection to ${to.host}:${to.port} can be made (${why}).`,
    why: 'No answer at all means that a firewall drops the packets: compare the rules of the two security groups.',
    remedy: { say: 'Let flasklab look at the rules and repair them.', run: [flasklab('up')] },
  })
}

export function unreachable(server: Server, last: unknown): LabError {
  const message = last instanceof Error ? last.message : String(last)
  if (/authentication methods failed/.test(message)) {
    return new LabError(
      {
        what: `The server ${server.id} does not accept the lab’s key for ${handout.sshUser}.`,
        why: 'For some minutes after a start a server lets nobody in. If it goes on, its key pair is another one, or its first boot failed before the key was put in place.',
        remedy: {
          say: 'Try again in three minutes; if it still refuses, let the doctor say what to do.',
          run: [flasklab('up'), flasklab('doctor')],
        },
      },
      { code: 'denied' },
    )
  }
  if (/ECONNREFUSED|ECONNRESET/.test(message)) {
    return new LabError(
      {
        what: `The server ${server.id} refuses SSH at ${server.address} (${message}).`,
        why: 'It is there, and the rules let you in, but nobody listens on port 22: as in the first minutes after a start, until sshd runs.',
        remedy: {
          say: 'Try again in three minutes; if it still refuses, restart the server in the EC2 console.',
          run: [flasklab('up')],
        },
      },
      { cause: last, code: 'no-answer' },
    )
  }
  return new LabError(
    {
      what: `The server ${server.id} does not answer SSH at ${server.address} (${message}).`,
      why: 'If it runs, something drops the packets: the rule for port 22 may be for another address than the one that AWS sees you come from (a VPN, a campus network), or your network blocks port 22.',
      remedy: {
        say: 'Run "up" again, which allows your present address; behind a VPN or a campus network let in the block of addresses that it uses, with --ssh-from.',
        run: [flasklab('up')],
      },
    },
    { cause: last, code: 'no-answer' },
  )
}

export function wrongHostKey(host: string, port: number): LabError {
  return new LabError(
    {
      what: `The machine that answers at ${host}:${port} is not the lab’s server: its SSH host key is another one.`,
      why: 'The key was read from the server’s own console when it was made. The address may belong to somebody else’s server now, or somebody stands between.',
      remedy: { say: 'Do not log in. See which address the server has now.', run: [flasklab('status')] },
    },
    { code: 'wrong-host-key' },
  )
}

export function tooSlow(server: Server, timeoutMs: number): LabError {
  return new LabError({
    what: `A command on ${server.id} has not ended after ${timeoutMs / 1000} s.`,
    remedy: { say: 'It may still be running; go on where it stopped.', run: [flasklab('up')] },
  })
}

export function cutOff(server: Server): LabError {
  return new LabError(
    {
      what: `The SSH connection to ${server.id} was lost.`,
      why: 'A command may still be running on the server; the next run waits for it.',
      remedy: { say: 'Go on where it stopped.', run: [flasklab('up')] },
    },
    { code: 'no-answer' },
  )
}
