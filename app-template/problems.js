// The handout's "Database error", 500: a page for whatever goes wrong. The cause goes to the log, never to the visitor.
import { logFault, logRequest } from './log.js'
import { page } from './pages.js'
import { addHeaders } from './protection.js'

const PROBLEMS = {
  400: ['Bad request', 'This request could not be understood.'],
  403: ['Refused', 'This form was sent from another site.'],
  404: ['Page not found', 'There is no page at this address.'],
  413: ['Too long', 'This is more than the form can take.'],
  415: ['Not a form', 'This address takes form fields only.'],
  429: ['Too many attempts', 'That was tried too often. Please wait a few minutes, then try again.'],
  500: ['Something went wrong', 'The site has a fault. It has been written to its log.'],
  503: ['Back in a moment', 'The site can’t do this right now. Please try again in a few seconds.'],
}

export function problem(reply, status) {
  const [title, message] = PROBLEMS[status] ?? PROBLEMS[500]
  return page(reply, 'problem', { status, title, message })
}

/** An error that tells the visitor to come back: 503 when the site is busy, 429 when the visitor was. */
export function comeBackLater(statusCode, retryAfter, code, message) {
  return Object.assign(new Error(message), { statusCode, retryAfter, code })
}

export function answerError(error, _request, reply) {
  const status = error.statusCode ?? 500
  if (status >= 500) logFault(error)
  if (error.retryAfter) reply.header('retry-after', error.retryAfter)
  return problem(reply, status)
}

// An address that can't be decoded never reaches a route, nor the hooks.
export function answerUnrouted(error, request, reply) {
  answerError(error, request, addHeaders(reply))
  logRequest(request, reply, () => {})
}
