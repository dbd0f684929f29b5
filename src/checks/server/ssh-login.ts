import { type Check, fail, pass } from '../../lab/check.ts'
import { flasklab } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { ServerSeen } from '../../lab/ports/servers.ts'
import type { ExaminedLab, Looks } from '../evidence.ts'
import { replaceServerRemedy } from './replace-server-remedy.ts'

type Seen = Looks<'login' | 'survey' | 'server' | 'site' | 'clockOffset'>

export const sshLogin: Check<Seen> = {
  id: 'ssh-login',
  title: 'The key opens the server',
  needs: ['ssh-ingress', 'key-file', 'server-running', 'host-key'],
  async examine(evidence) {
    const entry = await evidence.login()
    if (entry.how === 'in')
      return (await answersQuestions(evidence)) ? pass() : fail(await silentShell(evidence))
    const { what, ...rest } = entry.finding ?? UNKNOWN
    const server = await expectFound(evidence.server())
    const booting = await minutesOfBoot(server, evidence)
    if (booting !== undefined) return fail({ what, ...tooEarly(booting, evidence.lab) })
    if (entry.how !== 'denied') return fail({ what, ...rest })
    if (evidence.lab.isHandmade) return fail(otherUserOrKey(server, evidence.lab))
    return fail({
      what,
      why: 'Its key pair is another one, or ~/.ssh/authorized_keys was changed on it, or its first boot failed before the key was put in place.',
      remedy: replaceServerRemedy(server.id, evidence.lab),
    })
  },
}

/** Whether its shell runs what it is asked to; what else goes wrong there is told by whoever asks. */
async function answersQuestions({ survey }: Seen): Promise<boolean> {
  const seen = await survey().catch(() => undefined)
  return seen === undefined || seen.isWhole
}

async function silentShell({ server, lab }: Seen): Promise<Finding> {
  const { id } = await expectFound(server())
  return {
    what: `The server ${id} accepts the key, but its shell ends before it has run what it is asked to.`,
    why: 'Likely a line in ~/.bashrc on it ends it ("exit", "exec"): that file is read before every command, by a shell in the console and by scp and sftp as well.',
    remedy: replaceServerRemedy(
      id,
      lab,
      `To keep what is on it: in the console stop ${id}, then Actions, Instance settings, Edit user data: the lines "#cloud-boothook", "#!/bin/bash" and "mv /home/${handout.sshUser}/.bashrc /home/${handout.sshUser}/bashrc.old"; start it, and take them out again. Otherwise: `,
    ),
  }
}

const UNKNOWN: Finding = {
  what: 'The server can’t be logged in to.',
  remedy: { say: 'Go through the phases.', run: [flasklab('up')] },
}

const BOOT_MS = 5 * 60_000

/** How long ago it was started, if that may be why it refuses: one that serves the site has booted. */
async function minutesOfBoot(
  { launchedAt }: ServerSeen,
  { site, clockOffset, lab }: Seen,
): Promise<number | undefined> {
  const ageMs = lab.examinedAt + (await clockOffset()) - (launchedAt ?? 0)
  if (ageMs > BOOT_MS || (await site()) === 'answers') return undefined
  return Math.max(0, Math.floor(ageMs / 60_000))
}

function tooEarly(minutes: number, { isHandmade }: ExaminedLab): Omit<Finding, 'what'> {
  const ago = minutes === 0 ? 'less than a minute' : minutes === 1 ? 'a minute' : `${minutes} minutes`
  return {
    why: `It was started ${ago} ago. Until its boot is over a server refuses SSH at first, as sshd is not up yet, and then every key.`,
    remedy: {
      say: 'Wait two or three minutes, then look again.',
      ...(isHandmade ? {} : { run: [flasklab('doctor')] }),
    },
  }
}

/** Neither image nor key is known where flasklab did not launch the server. */
function otherUserOrKey({ id, keyName }: ServerSeen, { keyFile }: ExaminedLab): Finding {
  const pair = keyName === undefined ? 'it was launched without a key pair' : `its key pair is ${keyName}`
  return {
    what: `The server ${id} does not accept the key ${keyFile} for ${handout.sshUser}.`,
    why: `Likely that file is another key’s (${pair}), or the image is not Amazon Linux: then its user is another one, as ubuntu or admin, and flasklab can’t log in there.`,
    remedy: {
      say: `Name the right file with --key. Which user and key the server wants is in the console: EC2, Instances, ${id}, Connect, SSH client. If the key is lost, "EC2 Instance Connect" there opens a terminal without it: add your public key to ~/.ssh/authorized_keys. Only as the last resort terminate the server and launch another one.`,
    },
  }
}
