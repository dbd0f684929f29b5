// The handout's app.py: the same routes and form fields, served by Fastify instead of Flask.
import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import { openDatabase } from './database.js'
import { dbConfig, numberFrom } from './db-config.js'
import { log, logFault, logRequest } from './log.js'
import { page, stylesheet } from './pages.js'
import { answerError, answerUnrouted, problem } from './problems.js'
import { addHeaders, isFromAnotherSite } from './protection.js'
import { attemptsFrom } from './rate-limit.js'
import { closeSession, openSession, sessionOf } from './sessions.js'
import { authenticate, findFault, register } from './users.js'

const LATEST_STOP_MS = 10_000

async function buildApp(database) {
  const app = Fastify({ bodyLimit: 16 * 1024, requestTimeout: 30_000, frameworkErrors: answerUnrouted })
  app.removeAllContentTypeParsers()
  await app.register(formbody)
  app.addHook('onRequest', guard)
  app.addHook('onSend', hangUpWhenStopping)
  app.addHook('onResponse', logRequest)
  app.setNotFoundHandler((_request, reply) => problem(reply, 404))
  app.setErrorHandler(answerError)

  app.get('/', (_request, reply) => page(reply, 'register'))

  app.post('/register', async (request, reply) => {
    const { name, password } = credentials(request)
    const fault = findFault(name, password)
    if (fault) return page(reply, 'register', { status: 400, name, message: fault })
    attemptsFrom.refuseIfTooMany(request.ip)
    const isNew = await register(database, name, password)
    attemptsFrom.count(request.ip)
    if (isNew) return page(reply, 'success', { username: name })
    return page(reply, 'register', { status: 409, name, message: 'This name is taken. Choose another one.' })
  })

  app.get('/login', (_request, reply) => page(reply, 'login'))

  app.post('/validate', async (request, reply) => {
    const { name, password } = credentials(request)
    if (!name || !password) {
      return page(reply, 'login', { status: 400, name, message: 'Enter both your name and your password.' })
    }
    attemptsFrom.refuseIfTooMany(request.ip)
    const user = await authenticate(database, name, password)
    if (!user) {
      attemptsFrom.count(request.ip)
      return page(reply, 'error', { status: 401, name })
    }
    openSession(request, reply, user.name)
    // Only browsers name an origin. curl -d, which keeps no cookies, gets the page at once, as in the handout.
    if (request.headers.origin) return reply.redirect('/welcome', 303)
    return page(reply, 'welcome', { username: user.name })
  })

  app.get('/welcome', (request, reply) => {
    const username = sessionOf(request)
    return username ? page(reply, 'welcome', { username }) : reply.redirect('/login', 303)
  })

  app.post('/logout', (request, reply) => {
    closeSession(request, reply)
    return reply.redirect('/login', 303)
  })

  app.get('/health', async (_request, reply) => {
    try {
      await database.check()
      return { app: 'ok', database: 'ok' }
    } catch (error) {
      logFault(error)
      return reply.code(503).send({ app: 'ok', database: 'unreachable' })
    }
  })

  app.get('/static/style.css', (_request, reply) => stylesheet(reply))
  return app
}

function guard(request, reply, next) {
  addHeaders(reply)
  if (isFromAnotherSite(request)) problem(reply, 403)
  else next()
}

// A browser that kept its connection would hold up the stop.
function hangUpWhenStopping(request, reply, _payload, next) {
  if (!request.server.server.listening) reply.header('connection', 'close')
  next()
}

// A name is trimmed and composed (é as one character), so that it is counted and compared as it is seen.
// A field sent twice arrives as an array and counts as missing.
function credentials({ body }) {
  const { uname, pwd } = body ?? {}
  return {
    name: typeof uname === 'string' ? uname.normalize('NFC').trim() : '',
    password: typeof pwd === 'string' ? pwd : '',
  }
}

async function stop(signal, app, database) {
  log({ message: `Stopping on ${signal}` })
  setTimeout(() => process.exit(1), LATEST_STOP_MS).unref()
  await app.close()
  await database.close()
  process.exit(0)
}

async function start(env) {
  const port = numberFrom(env, 'PORT', 5000)
  const database = openDatabase(dbConfig(env))
  const app = await buildApp(database)
  const host = env.HOST || '0.0.0.0'
  await app.listen({ host, port })
  log({ message: `Running on http://${host}:${app.server.address().port}` })
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop(signal, app, database))
}

try {
  await start(process.env)
} catch (error) {
  process.stderr.write(`FlaskLoginApp can't start: ${error.message}\n`)
  process.exitCode = 1
}
