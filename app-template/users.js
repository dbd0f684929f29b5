// The handout's SQL: its INSERT and its SELECT, with the password hashed instead of stored.
//
// Which names are the same? The table's collation decides (utf8mb4_unicode_520_ci, see schema.sql): Zoë, zoe
// and ZOE are one name, in registration and in login alike, and so are `zoe` and `zoe ` with spaces after it.
import { dummyHash, hashPassword, isOutdated, verifyPassword } from './passwords.js'
import { failuresFor } from './rate-limit.js'

const NAME_MAX = 50
const PASSWORD_MAX = 256

export function findFault(name, password) {
  if (!name || !password) return 'Enter both a name and a password.'
  if (/\p{Cc}/u.test(name)) return 'Use letters, digits and signs in the name, nothing invisible.'
  if (lengthOf(name) > NAME_MAX) return `Choose a name of at most ${NAME_MAX} characters.`
  if (lengthOf(password) > PASSWORD_MAX) return `Choose a password of at most ${PASSWORD_MAX} characters.`
}

/** False when the name is taken. The UNIQUE column decides, so two visitors at once can't both have it. */
export async function register(database, name, password) {
  const hash = await hashPassword(password)
  try {
    await database.query('INSERT INTO users (name, password_hash) VALUES (?, ?)', [name, hash])
    return true
  } catch (error) {
    if (error.code === 'ER_DUP_ENTRY') return false
    throw error
  }
}

/** The user, or undefined for a wrong password and for an unknown name, after the same time in both cases. */
export async function authenticate(database, name, password) {
  if (lengthOf(name) > NAME_MAX) return undefined
  const [user] = await database.query('SELECT id, name, password_hash FROM users WHERE name = ?', [name])
  // zoe and ZOË share one count, as they are one user.
  const counted = user?.name ?? name.toLowerCase()
  failuresFor.refuseIfTooMany(counted)
  const matches = await verifyPassword(password, user?.password_hash ?? dummyHash)
  if (!user || !matches) {
    failuresFor.count(counted)
    return undefined
  }
  if (isOutdated(user.password_hash)) await renewHash(database, user.id, password)
  return user
}

// The login has succeeded already: a hash that can't be renewed now is renewed next time.
async function renewHash(database, id, password) {
  try {
    const hash = await hashPassword(password)
    await database.query('UPDATE users SET password_hash = ? WHERE id = ?', [hash, id])
  } catch (error) {
    if (error.statusCode !== 503) throw error
  }
}

// Characters as MySQL counts them: an emoji is one, where `length` would say two.
function lengthOf(text) {
  return [...text].length
}
