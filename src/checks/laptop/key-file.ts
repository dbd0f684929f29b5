import { existsSync, statSync } from 'node:fs'
import { shellQuote } from '../../formats/shell-quote.ts'
import { type Check, fail, type Outcome, pass, skip } from '../../lab/check.ts'
import type { Finding } from '../../lab/finding.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import type { ServerSeen } from '../../lab/ports/servers.ts'
import { fingerprint } from '../../phases/host-key.ts'
import { type Evidence, KEY_UNKNOWN } from '../evidence.ts'
import { replaceServerRemedy } from '../server/replace-server-remedy.ts'

/** Whether it is the lab's own, too: a key that fits no lock is as good as none. */
export const keyFile: Check<Evidence> = {
  id: 'key-file',
  title: 'The private key is there, and private',
  needs: [],
  async examine(evidence) {
    const { kit } = evidence
    const { keyFile: path } = kit.record
    if (!existsSync(path) && kit.isHandmade) return skip(KEY_UNKNOWN)
    const found = kit.keys.look()
    // Whoever asks for the server is told why it can't be looked at.
    const server = await evidence.server().catch(() => undefined)
    if (found.kind === 'missing') return fail(noKey(path, server, kit))
    if (found.kind === 'closed') return closeToOthers(closedKey(path, kit), path, kit)
    if (found.kind === 'locked') return fail(lockedKey(path, kit))
    if (found.kind !== 'key') return fail(noKeyInIt(path, found, server, kit))
    const other = await otherPair(found.publicKey, server, evidence)
    if (other !== undefined) return fail(otherKey(path, found.publicKey, other, kit))
    if (found.oddity !== undefined) return rewritten(path, found.oddity, kit)
    if (kit.laptop.keepsRightsInLists) {
      return pass(
        `${path}. If ssh calls it unprotected, take the rights of others away with: ${toClose(path, kit).join('; ')}`,
      )
    }
    const mode = statSync(path).mode & 0o777
    if ((mode & 0o077) === 0) return pass(path)
    return closeToOthers(openKey(path, mode, kit), path, kit)
  },
}

function closeToOthers(finding: Finding, path: string, kit: Kit): Outcome {
  return fail(finding, { title: `close ${path} to others`, apply: async () => kit.keys.protect() })
}

function rewritten(path: string, oddity: string, kit: Kit): Outcome {
  const finding: Finding = {
    what: `OpenSSH does not take the lab’s private key ${path}: ${oddity}.`,
    why: 'An editor has written it so, or it was copied by hand. "ssh" says "error in libcrypto", and then "Permission denied (publickey)".',
    remedy: {
      say: 'Have it written as OpenSSH wants it; the key stays the same.',
      run: kit.isHandmade ? [rewrite(path)] : ['flasklab doctor --fix --yes'],
    },
  }
  return fail(finding, { title: `write ${path} as OpenSSH wants it`, apply: async () => kit.keys.rewrite() })
}

function rewrite(path: string): string {
  return `perl -0pi -e 's/\\r//g; s/^.*?(?=-----BEGIN)//s; s/\\s*\\z/\\n/' ${shellQuote(path)}`
}

function lockedKey(path: string, { laptop }: Kit): Finding {
  const command = laptop.keepsRightsInLists
    ? `ssh-keygen -p -f "${path}" -N '""'`
    : `ssh-keygen -p -f ${shellQuote(path)} -N ''`
  return {
    what: `The private key ${path} has a passphrase.`,
    why: 'flasklab logs in many times and asks for none, so it can’t use the key.',
    remedy: {
      say: 'Take the passphrase off: it is asked for once more. The key stays the same.',
      run: [command],
    },
  }
}

interface Pair {
  readonly server: ServerSeen
  readonly name: string
  readonly publicKey: string
}

/** The key pair that the server was launched with, where the key is of another one and does not open it either. */
async function otherPair(
  publicKey: string,
  server: ServerSeen | undefined,
  { kit, login }: Evidence,
): Promise<Pair | undefined> {
  const name = server?.keyName
  if (server === undefined || name === undefined) return undefined
  const its = await kit.cloud.publicKeyOf(name).catch(() => undefined)
  if (its === undefined || bare(its) === bare(publicKey)) return undefined
  // A key may have been let in on the server itself.
  if ((await login().catch(() => undefined))?.how === 'in') return undefined
  return { server, name, publicKey: its }
}

/** Without the comment. */
function bare(line: string): string {
  return line.split(' ').slice(0, 2).join(' ')
}

const NEEDED = 'Without it nobody can log in to the server, and AWS keeps no copy.'

function noKey(path: string, server: ServerSeen | undefined, kit: Kit): Finding {
  return {
    what: `The lab’s private key is not at ${path}.`,
    why: NEEDED,
    remedy: withoutKey('Put it back if you have a copy. If not: ', server, kit),
  }
}

const WHAT_IS_THERE = { folder: 'is a folder', empty: 'is empty' } as const

function noKeyInIt(
  path: string,
  found: ReturnType<Kit['keys']['look']>,
  server: ServerSeen | undefined,
  kit: Kit,
): Finding {
  const isOther = found.kind === 'folder' || found.kind === 'empty'
  return {
    what: `The lab’s private key should be at ${path}, which ${isOther ? WHAT_IS_THERE[found.kind] : 'can’t be read as one'}.`,
    why: `${found.kind === 'unreadable' ? `${found.why}. ` : ''}${NEEDED}`,
    remedy: withoutKey('Put it back from a copy, in its place. If there is none: ', server, kit, path),
  }
}

function otherKey(
  path: string,
  publicKey: string,
  { server, name, publicKey: its }: Pair,
  kit: Kit,
): Finding {
  return {
    what: `The private key ${path} is not that of ${server.id}: it is ${fingerprint(publicKey)}, and the server’s key pair ${name} is ${fingerprint(its)}.`,
    why: 'The server was launched with that pair and lets only its private half in: "Permission denied (publickey)".',
    remedy: withoutKey(
      `Put the private half of ${name} there, if you have a copy. If not: `,
      server,
      kit,
      path,
    ),
  }
}

/** `inTheWay`: what lies where the key should, which is kept, as it may be something else of the student's. */
function withoutKey(
  first: string,
  server: ServerSeen | undefined,
  kit: Kit,
  inTheWay?: string,
): Finding['remedy'] {
  if (kit.isHandmade) return { say: 'Name the file of its private key with --key.' }
  const { say, run = [] } =
    server === undefined
      ? {
          say: `${first}there is no server that needs it; another one gets another key.`,
          run: ['flasklab up'],
        }
      : replaceServerRemedy(server.id, kit, first)
  const move = inTheWay === undefined ? [] : [moveAway(inTheWay)]
  return { say, run: [...move, ...run] }
}

function toClose(path: string, { laptop }: Kit): readonly string[] {
  if (!laptop.keepsRightsInLists) return [`chmod 600 ${shellQuote(path)}`]
  // In PowerShell. What is inherited from the folder goes last: without the grant nobody would be left.
  return ['/reset', '/grant:r "$($env:USERNAME):(R)"', '/inheritance:r'].map(
    (change) => `icacls "${path}" ${change}`,
  )
}

function moveAway(path: string): string {
  return `mv ${shellQuote(path)} ${shellQuote(`${path}.other`)}`
}

function openKey(path: string, mode: number, kit: Kit): Finding {
  return {
    what: `Others on this machine may read the lab’s private key ${path} (its mode is 0${mode.toString(8)}).`,
    why: 'OpenSSH refuses such a key: "UNPROTECTED PRIVATE KEY FILE", and then "Permission denied (publickey)".',
    remedy: { say: 'Keep it to yourself.', run: toClose(path, kit) },
  }
}

function closedKey(path: string, kit: Kit): Finding {
  return {
    what: `You may not read the lab’s private key ${path}.`,
    why: 'Its rights shut you out as well, so nothing on this machine can log in with it.',
    remedy: { say: 'Keep it to yourself.', run: toClose(path, kit) },
  }
}
