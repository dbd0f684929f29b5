import { isIPv4 } from 'node:net'
import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Browse } from '../lab/ports/host.ts'

const ANSWER_MS = 10_000

/** A browser's GET, or POST of a form; every call is a new connection, which the present rules must allow. */
export const browse: Browse = async (url, form) => {
  // A timer that keeps the process alive, unlike AbortSignal.timeout: in Node 20 fetch waits for ever, on nothing,
  // when the far end hangs up without an answer.
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), ANSWER_MS)
  try {
    const response = await fetch(url, {
      ...(form ? { method: 'POST', body: form } : {}),
      headers: { connection: 'close' },
      signal: patience.signal,
    })
    return { status: response.status, text: await response.text() }
  } catch (cause) {
    const { name, cause: inner } = cause as Error & { cause?: { code?: string } }
    const why = name === 'AbortError' ? `no answer within ${ANSWER_MS / 1000} s` : (inner?.code ?? name)
    throw new Error(`${url}: ${why}`, { cause })
  } finally {
    clearTimeout(timer)
  }
}

const ASK_AWS = 'https://checkip.amazonaws.com'

/** The address from which AWS sees this machine come. */
export async function publicAddress(url = ASK_AWS): Promise<string> {
  try {
    const { text } = await browse(url)
    // A hotel's or campus's log-in page answers everything.
    if (isIPv4(text.trim())) return text.trim()
    throw new Error(`${url}: it answered with something else than an address`)
  } catch (cause) {
    throw new LabError(
      {
        what: 'The address from which AWS sees you come can’t be found out.',
        why: (cause as Error).message,
        remedy: {
          say: 'Check the internet connection; or say yourself which addresses may use SSH.',
          run: [flasklab('up'), flasklab('up', { 'ssh-from': '203.0.113.0/24' })],
        },
      },
      { cause },
    )
  }
}
