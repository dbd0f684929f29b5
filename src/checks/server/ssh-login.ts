import { isWhole } from '../../host/visit.ts'
import { type Check, fail, pass } from '../../lab/check.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import type { ServerSeen } from '../../lab/ports/servers.ts'
import type { Evidence } from '../evidence.ts'
import { replaceServerRemedy } from './replace-server-remedy.ts'

export const sshLogin: Check<Evidence> = {
  id: 'ssh-login',
  title: 'The key opens the server',
  needs: ['ssh-ingress', 'key-file', 'server-running', 'host-key'],
  async examine(evidence) {
    const entry = await evidence.login()
    if (entry.how === 'in')
      return (await answersQuestions(evidence)) ? pass() : fail(await silentShell(evidence))
    const { what, ...rest } = entry.error?.finding ?? UNKNOWN
    const server = await expectFound(evidence.server())
    const booting = await minutesOfBoot(server, evidence)
    if (booting !== undefined) return fail({ what, ...tooEarly(booting, evidence.kit) })
    if (entry.how !== 'denied') return fail({ what, ...rest })
    if (evidence.kit.isHandmade) return fail(otherUserOrKey(server, evidence.kit))
    return fail({
      what,
      why: 'Its key pair is another one, or ~/.ssh/authorized_keys was changed on it, or its first boot failed before the key was put in place.',
      remedy: replaceServerRemedy(server.id, evidence.kit),
    })
  },
}

/** Whether its shell runs what it is asked to; what else goes wrong there is told by whoever asks. */
async function answersQuestions(evidence: Evidence): Promise<boolean> {
  const answers = await evidence.around().catch(() => undefined)
  return answers === undefined || isWhole(answers)
}

async function silentShell({ server, kit }: Evidence): Promise<Finding> {
  const { id } = await expectFound(server())
  return {
    what: `The server ${id} accepts the key, but its shell ends before it has run what it is asked to.`,
    why: 'Likely a line in ~/.bashrc on it ends it ("exit", "exec"): that file is read before every command, by a shell in the console and by scp and sftp as well.',
    remedy: replaceServerRemedy(
      id,
      kit,
      `To keep what is on it: in the console stop ${id}, then Actions, Instance settings, Edit user data: the lines "#cloud-boothook", "#!/bin/bash" and "mv /home/${handout.sshUser}/.bashrc /home/${handout.sshUser}/bashrc.old"; start it, and take them out again. Otherwise: `,
    ),
  }
}

const UNKNOWN: Finding = {
  what: 'The server can’t be logged in to.',
  remedy: { say: 'Go through the phases.', run: ['flasklab up'] },
}

const BOOT_MS = 5 * 60_000

/** How long ago it was started, if that may be why it refuses: one that serves the site has booted. */
async function minutesOfBoot({ launchedAt }: ServerSeen, evidence: Evidence): Promise<number | undefined> {
  const { clock, cloud } = evidence.kit
  const ageMs = clock.now() + cloud.clockOffset - (launchedAt ?? 0)
  if (ageMs > BOOT_MS || (await evidence.site()) === 'answers') return undefined
  return Math.max(0, Math.floor(ageMs / 60_000))
}

function tooEarly(minutes: number, kit: Kit): Omit<Finding, 'what'> {
  const ago = minutes === 0 ? 'less than a minute' : minutes === 1 ? 'a minute' : `${minutes} minutes`
  return {
    why: `It was started ${ago} ago. Until its boot is over a server refuses SSH at first, as sshd is not up yet, and then every key.`,
    remedy: {
      say: 'Wait two or three minutes, then look again.',
      ...(kit.isHandmade ? {} : { run: ['flasklab doctor'] }),
    },
  }
}

/** Of a server that flasklab did not launch neither image nor key is known. */
function otherUserOrKey({ id, keyName }: ServerSeen, { record }: Kit): Finding {
  const pair = keyName === undefined ? 'it was launched without a key pair' : `its key pair is ${keyName}`
  return {
    what: `The server ${id} does not accept the key ${record.keyFile} for ${handout.sshUser}.`,
    why: `Likely that file is another key’s (${pair}), or the image is not Amazon Linux: then its user is another one, as ubuntu or admin, and flasklab can’t log in there.`,
    remedy: {
      say: `Name the right file with --key. Which user and key the server wants is in the console: EC2, Instances, ${id}, Connect, SSH client. If the key is lost, "EC2 Instance Connect" there opens a terminal without it: add your public key to ~/.ssh/authorized_keys. Only as the last resort terminate the server and launch another one.`,
    },
  }
}
