// The handout's app.py: the same routes and form fields, served by Fastify instead of Flask.
import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import { openDatabase } from './database.js'
import { dbConfig, numberFrom } from './db-config.js'
import { page, stylesheet } from './pages.js'
import { addHeaders, isFromAnotherSite } from './protection.js'
import { authenticate, findFault, register } from './users.js'

const LATEST_STOP_MS = 10_000

async function buildApp(database) {
  const app = Fastify({ bodyLimit: 16 * 1024, requestTimeout: 30_000, frameworkErrors: answerUnrouted })
  app.removeAllContentTypeParsers()
  await app.register(formbody)
  app.addHook('onRequest', guard)
  app.addHook('onSend', hangUpWhenStopping)
  app.addHook('onResponse', async (request, reply) => logRequest(request, reply))
  app.setNotFoundHandler((_request, reply) => page(reply, 'problem', problem(404)))
  app.setErrorHandler(answerError)

  app.get('/', (_request, reply) => page(reply, 'register'))

  app.post('/register', async (request, reply) => {
    const { name, password } = credentials(request)
    const fault = findFault(name, password)
    if (fault) return page(reply, 'register', { status: 400, name, message: fault })
    if (await register(database, name, password)) return page(reply, 'success', { username: name })
    return page(reply, 'register', { status: 409, name, message: 'This name is taken. Choose another one.' })
  })

  app.get('/login', (_request, reply) => page(reply, 'login'))

  app.post('/validate', async (request, reply) => {
    const { name, password } = credentials(request)
    if (!name || !password) {
      return page(reply, 'login', { status: 400, name, message: 'Enter both your name and your password.' })
    }
    const user = await authenticate(database, name, password)
    return user ? page(reply, 'welcome', { username: user.name }) : page(reply, 'error', { status: 401 })
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

async function guard(request, reply) {
  addHeaders(reply)
  if (isFromAnotherSite(request)) return page(reply, 'problem', problem(403))
}

// A browser that kept its connection would hold up the stop.
async function hangUpWhenStopping(request, reply) {
  if (!request.server.server.listening) reply.header('connection', 'close')
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

const PROBLEMS = {
  400: ['Bad request', 'This request could not be understood.'],
  403: ['Refused', 'This form was sent from another site.'],
  404: ['Page not found', 'There is no page at this address.'],
  413: ['Too long', 'This is more than the form can take.'],
  415: ['Not a form', 'This address takes form fields only.'],
  500: ['Something went wrong', 'The site has a fault. It has been written to its log.'],
  503: ['Back in a moment', 'The site can’t do this right now. Please try again in a few seconds.'],
}

function problem(status) {
  const [title, message] = PROBLEMS[status] ?? PROBLEMS[500]
  return { status, title, message }
}

// What went wrong goes to the log; the visitor reads only what helps a visitor.
function answerError(error, _request, reply) {
  const status = error.statusCode ?? 500
  if (status >= 500) logFault(error)
  if (status === 503) reply.header('retry-after', 5)
  return page(reply, 'problem', problem(status))
}

// An address that can't be decoded never reaches a route, nor the hooks.
function answerUnrouted(error, request, reply) {
  answerError(error, request, addHeaders(reply))
  logRequest(request, reply)
}

function logFault(error) {
  const stack = error.statusCode === 503 ? undefined : error.stack
  log({ error: error.code ?? error.name, message: error.message, stack })
}

function logRequest(request, reply) {
  log({
    method: request.method,
    path: request.url.split('?', 1)[0],
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    from: request.ip,
  })
}

function log(entry) {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`)
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
