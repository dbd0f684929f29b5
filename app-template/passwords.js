// The handout's note "use hashing for production systems", done: scrypt, a hash that is slow on purpose.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import pLimit from 'p-limit'
import { comeBackLater } from './problems.js'

// One hash takes 128 · N · r bytes = 32 MiB and a quarter of a second. OWASP holds N=2^15, r=8, p=3 as strong as
// the 128 MiB of N=2^17, p=1, and this one fits a t3.micro: 1 GiB of memory, of which two hashes at once
// (it has two processors) take 64 MiB.
const COST = { ln: 15, r: 8, p: 3 }
const MAX_MEMORY = 64 * 1024 * 1024

// More at once than processors would be no faster, and Node computes at most four at once.
const turns = pLimit(Math.min(availableParallelism(), 4))
const WAIT_MS = 5000
const WAITING_MAX = 1000

const SCHEME = `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$`
const PATTERN = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/
const scryptAsync = promisify(scrypt)

/** Looks like a hash and matches no password: what an unknown name is compared with. */
export const dummyHash = encode(randomBytes(16), randomBytes(32))

/** `$scrypt$ln=15,r=8,p=3$salt$key`: the parameters travel along, so they can be raised one day. */
export async function hashPassword(password) {
  const salt = randomBytes(16)
  return encode(salt, await derive(password, salt, 32, COST))
}

export async function verifyPassword(password, hash) {
  const [, ln, r, p, salt, key] = hash.match(PATTERN) ?? dummyHash.match(PATTERN)
  const expected = Buffer.from(key, 'base64')
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) }
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64'), expected.length, cost), expected)
}

export function isOutdated(hash) {
  return !hash.startsWith(SCHEME)
}

// NFKC: two keyboards may write the same é in two ways.
function derive(password, salt, length, { ln, r, p }) {
  const options = { N: 2 ** ln, r, p, maxmem: MAX_MEMORY }
  return inTurn(() => scryptAsync(password.normalize('NFKC'), salt, length, options))
}

function encode(salt, key) {
  return `${SCHEME}${unpadded(salt)}$${unpadded(key)}`
}

function unpadded(bytes) {
  return bytes.toString('base64').replaceAll('=', '')
}

// Whoever would wait too long is told to come back, instead of standing behind everybody.
async function inTurn(work) {
  const latest = Date.now() + WAIT_MS
  const refuse = () => {
    throw comeBackLater(503, 5, 'BUSY', 'Too many passwords to check at once')
  }
  if (turns.pendingCount >= WAITING_MAX) refuse()
  return turns(() => (Date.now() > latest ? refuse() : work()))
}
