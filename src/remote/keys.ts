import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import ssh2 from 'ssh2'
import { LabError } from '../lab/finding.ts'
import type { KeyMaker } from '../lab/ports.ts'

/** The lab's own SSH key. The private half is made here and never leaves: AWS is given the public half only. */
export function createKeys(keyFile: string, comment: string): KeyMaker {
  return {
    async publicKey() {
      return `${publicLine(readFile(keyFile) ?? make(keyFile, comment), keyFile)} ${comment}`
    },
    protect: () => chmodSync(keyFile, 0o600),
  }
}

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function make(keyFile: string, comment: string): string {
  // ssh2 writes an unreadable ed25519 key once in some hundred times: what is made is read before it is kept.
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment })
    if (ssh2.utils.parseKey(pair.private) instanceof Error) continue
    mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 })
    writeFileSync(`${keyFile}.new`, `${pair.private.trimEnd()}\n`, { mode: 0o600 })
    renameSync(`${keyFile}.new`, keyFile)
    return pair.private
  }
}

function publicLine(privateKey: string, keyFile: string): string {
  const parsed = ssh2.utils.parseKey(privateKey)
  if (parsed instanceof Error) throw unreadable(keyFile, parsed)
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  return `${key.type} ${key.getPublicSSH().toString('base64')}`
}

function unreadable(keyFile: string, cause: Error): LabError {
  return new LabError(
    {
      what: `The lab’s private key at ${keyFile} can’t be read.`,
      why: `${cause.message}. Without it nobody can log in to the server, and AWS keeps no copy.`,
      remedy: {
        say: 'Put it back from a copy, or build the lab anew.',
        run: ['flasklab cleanup', 'flasklab up'],
      },
    },
    { cause },
  )
}
