// The handout's print(): one line of JSON for each request and each fault, which systemd puts into its journal.

export function log(entry) {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`)
}

// Neither the query nor the fields: they may hold a password.
export function logRequest(request, reply, done) {
  const path = request.url.split('?', 1)[0]
  const ms = Math.round(reply.elapsedTime)
  log({ method: request.method, path, status: reply.statusCode, ms, from: request.ip })
  done()
}

export function logFault(error) {
  const stack = error.statusCode === 503 ? undefined : error.stack
  log({ error: error.code ?? error.name, message: error.message, stack })
}
