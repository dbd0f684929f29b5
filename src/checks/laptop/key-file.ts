import { type Check, fail, type Outcome, pass, skip } from '../../lab/check.ts'
import { type Command, closeFile, flasklab, move, program } from '../../lab/command.ts'
import type { Finding } from '../../lab/finding.ts'
import type { KeyFile } from '../../lab/ports/laptop.ts'
import type { ServerSeen } from '../../lab/ports/servers.ts'
import { fingerprint } from '../../phases/host-key.ts'
import { KEY_UNKNOWN } from '../evidence/entry.ts'
import type { ExaminedLab, Looks } from '../evidence.ts'
import { replaceServerRemedy } from '../server/replace-server-remedy.ts'

type Seen = Looks<'privateKey' | 'server' | 'keyPair' | 'login'>

/** Whether it is the lab's own, too: a key that fits no lock is as good as none. */
export const keyFile: Check<Seen> = {
  id: 'key-file',
  title: 'The private key is there, and private',
  needs: [],
  async examine(evidence) {
    const { lab } = evidence
    const { keyFile: path } = lab
    const found = await evidence.privateKey()
    if (found.kind === 'missing' && lab.isHandmade) return skip(KEY_UNKNOWN)
    // Another check tells why the server can't be looked at.
    const server = await evidence.server().catch(() => undefined)
    if (found.kind === 'missing') return fail(noKey(server, lab))
    if (found.kind === 'closed') return closeToOthers(closedKey(path), path)
    if (found.kind === 'locked') return fail(lockedKey(lab))
    if (found.kind !== 'key') return fail(noKeyInIt(found, server, lab))
    const other = await otherPair(found.publicKey, server, evidence)
    if (other !== undefined) return fail(otherKey(found.publicKey, other, lab))
    if (found.oddity !== undefined) return rewritten(found.oddity, lab)
    if (lab.laptop.keepsRightsInLists) {
      return pass(`${path}. If ssh calls it unprotected, take the rights of others away with:`, [
        closeFile(path),
      ])
    }
    if ((found.mode & 0o077) === 0) return pass(path)
    return closeToOthers(openKey(path, found.mode), path)
  },
}

function closeToOthers(finding: Finding, path: string): Outcome {
  return fail(finding, { title: `close ${path} to others`, apply: async ({ keys }) => keys.protect() })
}

function rewritten(oddity: string, { keyFile: path, isHandmade }: ExaminedLab): Outcome {
  const finding: Finding = {
    what: `OpenSSH does not take the lab’s private key ${path}: ${oddity}.`,
    why: 'An editor has written it so, or it was copied by hand. "ssh" says "error in libcrypto", and then "Permission denied (publickey)".',
    remedy: {
      say: 'Have it written as OpenSSH wants it; the key stays the same.',
      run: [isHandmade ? rewrite(path) : flasklab('doctor', { fix: true, yes: true })],
    },
  }
  return fail(finding, {
    title: `write ${path} as OpenSSH wants it`,
    apply: async ({ keys }) => keys.rewrite(),
  })
}

function rewrite(path: string): Command {
  return program('perl', '-0pi', '-e', 's/\\r//g; s/^.*?(?=-----BEGIN)//s; s/\\s*\\z/\\n/', path)
}

function lockedKey({ keyFile: path }: ExaminedLab): Finding {
  return {
    what: `The private key ${path} has a passphrase.`,
    why: 'flasklab logs in many times and asks for none, so it can’t use the key.',
    remedy: {
      say: 'Take the passphrase off: it is asked for once more. The key stays the same.',
      run: [program('ssh-keygen', '-p', '-f', path, '-N', '')],
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
  { keyPair, login }: Seen,
): Promise<Pair | undefined> {
  const name = server?.keyName
  if (server === undefined || name === undefined) return undefined
  const its = await keyPair().catch(() => undefined)
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

function noKey(server: ServerSeen | undefined, lab: ExaminedLab): Finding {
  return {
    what: `The lab’s private key is not at ${lab.keyFile}.`,
    why: NEEDED,
    remedy: withoutKey('Put it back if you have a copy. If not: ', server, lab),
  }
}

const WHAT_IS_THERE = { folder: 'is a folder', empty: 'is empty' } as const

function noKeyInIt(found: KeyFile, server: ServerSeen | undefined, lab: ExaminedLab): Finding {
  const isOther = found.kind === 'folder' || found.kind === 'empty'
  return {
    what: `The lab’s private key should be at ${lab.keyFile}, which ${isOther ? WHAT_IS_THERE[found.kind] : 'can’t be read as one'}.`,
    why: `${found.kind === 'unreadable' ? `${found.why}. ` : ''}${NEEDED}`,
    remedy: withoutKey('Put it back from a copy, in its place. If there is none: ', server, lab, true),
  }
}

function otherKey(publicKey: string, { server, name, publicKey: its }: Pair, lab: ExaminedLab): Finding {
  return {
    what: `The private key ${lab.keyFile} is not that of ${server.id}: it is ${fingerprint(publicKey)}, and the server’s key pair ${name} is ${fingerprint(its)}.`,
    why: 'The server was launched with that pair and lets only its private half in: "Permission denied (publickey)".',
    remedy: withoutKey(
      `Put the private half of ${name} there, if you have a copy. If not: `,
      server,
      lab,
      true,
    ),
  }
}

/** `isInTheWay`: something lies where the key should, and is kept, as it may be something else of the student's. */
function withoutKey(
  first: string,
  server: ServerSeen | undefined,
  lab: ExaminedLab,
  isInTheWay = false,
): Finding['remedy'] {
  if (lab.isHandmade) return { say: 'Name the file of its private key with --key.' }
  const { say, run = [] } =
    server === undefined
      ? {
          say: `${first}there is no server that needs it; another one gets another key.`,
          run: [flasklab('up')],
        }
      : replaceServerRemedy(server.id, lab, first)
  const { keyFile: path } = lab
  return { say, run: [...(isInTheWay ? [move(path, `${path}.other`)] : []), ...run] }
}

function openKey(path: string, mode: number): Finding {
  return {
    what: `Others on this machine may read the lab’s private key ${path} (its mode is 0${mode.toString(8)}).`,
    why: 'OpenSSH refuses such a key: "UNPROTECTED PRIVATE KEY FILE", and then "Permission denied (publickey)".',
    remedy: { say: 'Keep it to yourself.', run: [closeFile(path)] },
  }
}

function closedKey(path: string): Finding {
  return {
    what: `You may not read the lab’s private key ${path}.`,
    why: 'Its rights shut you out as well, so nothing on this machine can log in with it.',
    remedy: { say: 'Keep it to yourself.', run: [closeFile(path)] },
  }
}
