// The handout's get_connection(): a pool of connections to MySQL, over TLS, where no wait is for ever.
import mysql from 'mysql2/promise'
import { comeBackLater } from './problems.js'

const CONNECT_MS = 3000
const ANSWER_MS = 5000
const HEALTH_MS = 2500
const CLOSE_MS = 1000

export function openDatabase(config) {
  const pool = mysql.createPool({
    ...config,
    charset: 'UTF8MB4_UNICODE_520_CI',
    connectTimeout: CONNECT_MS,
    connectionLimit: 10,
    queueLimit: 1000,
  })
  // A pooled connection may report a second error after it was given up; unheard, that would end the process.
  pool.pool.on('connection', (connection) => connection.on('error', () => {}))

  const query = (sql, values) => runQuery(pool, sql, values)
  const check = () => within(HEALTH_MS, query('SELECT 1 FROM users LIMIT 1'))
  return { query, check, close: () => close(pool) }
}

// A firewall that drops packets never answers, so every wait has an end, and a silent connection is given up.
async function runQuery(pool, sql, values = []) {
  let connection
  try {
    connection = await within(CONNECT_MS, pool.getConnection(), (late) => late.release())
    const [result] = await within(ANSWER_MS, connection.execute(sql, values))
    connection.release()
    return result
  } catch (error) {
    // An SQL state means that the server itself answered: the connection is sound and its pool keeps it.
    if (connection && error.sqlState) connection.release()
    else connection?.destroy()
    throw Object.assign(error, { statusCode: 503, retryAfter: 5 })
  }
}

// Saying goodbye to a silent database would take for ever, too.
async function close(pool) {
  await within(CLOSE_MS, pool.end()).catch(() => {})
}

// A result that comes after the deadline goes to `giveBack`.
function within(ms, work, giveBack = () => {}) {
  let timer
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => {
      work.then(giveBack, () => {})
      reject(comeBackLater(503, 5, 'ETIMEDOUT', `The database was silent for ${ms} ms`))
    }, ms)
  })
  return Promise.race([work, deadline]).finally(() => clearTimeout(timer))
}
