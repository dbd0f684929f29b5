import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

export type Fields = Readonly<Record<string, string>>

export async function open(url: string, options: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...options })
  return { status: response.status, headers: response.headers, body: await response.text() }
}

/** The bytes that `curl --data-urlencode uname=… --data-urlencode pwd=…` sends. */
export function send(url: string, fields: Fields, headers: Fields = {}): Promise<Answer> {
  return open(url, { method: 'POST', body: new URLSearchParams(fields), headers })
}

export function register(app: { url: string }, uname: string, pwd = 'a password'): Promise<Answer> {
  return send(`${app.url}/register`, { uname, pwd })
}

export function logIn(app: { url: string }, uname: string, pwd = 'a password'): Promise<Answer> {
  return send(`${app.url}/validate`, { uname, pwd })
}

/** A form sent by a neighbour: all of 127.0.0.0/8 is this machine. */
export async function sendFrom(address: string, url: string, fields: Fields): Promise<number> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const post = request(url, { method: 'POST', localAddress: address, headers, agent: false })
  post.end(new URLSearchParams(fields).toString())
  const [response] = (await once(post, 'response')) as [IncomingMessage]
  await once(response.resume(), 'end')
  return response.statusCode ?? 0
}
