// Not in the handout: how the welcome page knows who asks. A session is a random number in a cookie of the browser,
// and this table says whose number it is.
//
// The table is in the memory of the one process that there is: quick, and nothing to steal from the database. The
// price: a restart logs everybody out, and a second server would need a table that both can see.
import { randomBytes } from 'node:crypto'
import { parse, serialize } from 'cookie'
import { FifoMap } from 'toad-cache'

const HOUR_MS = 60 * 60 * 1000
const sessions = new FifoMap(10_000, HOUR_MS)

// No script may read it, and no request from another site carries it. Not `secure`: browsers would drop it on a
// site that is plain HTTP.
const COOKIE = { httpOnly: true, sameSite: 'strict', path: '/' }

/** Always a new number: one that somebody planted before the login is worth nothing after it. */
export function openSession(request, reply, name) {
  sessions.delete(numberOf(request))
  const number = randomBytes(32).toString('base64url')
  sessions.set(number, name)
  reply.header('set-cookie', serialize('session', number, COOKIE))
}

/** The name of who is logged in, if anybody is. */
export function sessionOf(request) {
  return sessions.get(numberOf(request))
}

export function closeSession(request, reply) {
  sessions.delete(numberOf(request))
  reply.header('set-cookie', serialize('session', '', { ...COOKIE, maxAge: 0 }))
}

function numberOf({ headers }) {
  return parse(headers.cookie ?? '').session
}
