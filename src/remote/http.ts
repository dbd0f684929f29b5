import type { Browse } from '../lab/ports.ts'

const ANSWER_MS = 10_000

/** A browser's GET, or POST of a form; every call is a new connection, which the present rules must allow. */
export const browse: Browse = async (url, form) => {
  try {
    const response = await fetch(url, {
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    return { status: response.status, text: await response.text() }
  } catch (cause) {
    const { name, cause: inner } = cause as Error & { cause?: { code?: string } }
    const why = name === 'TimeoutError' ? `no answer within ${ANSWER_MS / 1000} s` : (inner?.code ?? name)
    throw new Error(`${url}: ${why}`, { cause })
  }
}

/** The address from which AWS sees this machine come. */
export async function publicAddress(): Promise<string> {
  const response = await fetch('https://checkip.amazonaws.com', { signal: AbortSignal.timeout(ANSWER_MS) })
  return (await response.text()).trim()
}
