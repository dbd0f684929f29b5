import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import ssh2 from 'ssh2'
import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { KeyFile, KeyMaker } from '../lab/ports/laptop.ts'

/** The lab's own SSH key. The private half is made here and never leaves: AWS is given the public half only. */
export function createKeys(keyFile: string, comment: string): KeyMaker {
  return {
    async publicKey() {
      const found = lookAtKey(keyFile)
      if (found.kind === 'key') return `${found.publicKey} ${comment}`
      if (found.kind === 'missing') return `${lineOf(make(keyFile, comment))} ${comment}`
      throw unusableKey(keyFile, found)
    },
    look: () => lookAtKey(keyFile),
    protect: () => chmodSync(keyFile, 0o600),
    rewrite: () => write(keyFile, readFileSync(keyFile, 'utf8')),
  }
}

const KINDS: Readonly<Record<string, 'missing' | 'folder' | 'closed'>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EISDIR: 'folder',
  EACCES: 'closed',
}

export function lookAtKey(path: string): KeyFile {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const kind = KINDS[(error as NodeJS.ErrnoException).code ?? '']
    if (kind === undefined) throw error
    return { kind }
  }
  if (text.trim() === '') return { kind: 'empty' }
  const parsed = parse(text)
  if (!(parsed instanceof Error)) {
    const mode = statSync(path).mode & 0o777
    return { kind: 'key', publicKey: lineOf(parsed), mode, ...oddityOf(text) }
  }
  return /no passphrase given/.test(parsed.message)
    ? { kind: 'locked' }
    : { kind: 'unreadable', why: parsed.message }
}

const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----'
const END = '-----END OPENSSH PRIVATE KEY-----'

/** OpenSSH wants the first and the last line of its own format to the letter, or says "error in libcrypto". */
function oddityOf(text: string): { readonly oddity?: string } {
  if (!text.includes(BEGIN)) return {}
  if (text.startsWith('\uFEFF')) return { oddity: 'it begins with an invisible byte order mark' }
  if (text.includes('\r')) return { oddity: 'its lines end as on Windows' }
  if (!text.startsWith(BEGIN)) return { oddity: 'something stands before its first line' }
  return text.includes(`${END}\n`) ? {} : { oddity: 'its last line has no end' }
}

function make(keyFile: string, comment: string): ssh2.ParsedKey {
  // ssh2 writes an unreadable ed25519 key once in some hundred times: what is made is read before it is kept.
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment })
    const parsed = parse(pair.private)
    if (parsed instanceof Error) continue
    mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 })
    write(keyFile, pair.private)
    return parsed
  }
}

function write(keyFile: string, text: string): void {
  const lines = text.replaceAll('\r', '').trim()
  const start = Math.max(lines.indexOf('-----BEGIN'), 0)
  writeFileSync(`${keyFile}.new`, `${lines.slice(start)}\n`, { mode: 0o600 })
  renameSync(`${keyFile}.new`, keyFile)
}

function parse(privateKey: string): ssh2.ParsedKey | Error {
  const parsed = ssh2.utils.parseKey(privateKey)
  if (parsed instanceof Error) return parsed
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  return key.isPrivateKey() ? key : new Error('It is a public key')
}

function lineOf(key: ssh2.ParsedKey): string {
  return `${key.type} ${key.getPublicSSH().toString('base64')}`
}

const UNUSABLE: Readonly<Record<Exclude<KeyFile['kind'], 'key'>, string>> = {
  missing: 'is not there',
  folder: 'is a folder',
  empty: 'is empty',
  closed: 'may not be read',
  locked: 'has a passphrase',
  unreadable: 'can’t be read',
}

/** For whoever needs the key; what is to be done about it, the doctor tells. */
export function unusableKey(path: string, found: Exclude<KeyFile, { kind: 'key' }>): LabError {
  const why = found.kind === 'unreadable' ? `${found.why}. ` : ''
  return new LabError(
    {
      what: `The lab’s private key ${path} ${UNUSABLE[found.kind]}.`,
      why: `${why}Without it nobody can log in to the server, and AWS keeps no copy.`,
      remedy: {
        say: 'Put it back from a copy; the doctor tells how to go on without one.',
        run: [flasklab('doctor')],
      },
    },
    { code: 'no-key' },
  )
}
