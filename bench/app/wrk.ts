import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Load {
  /** Requests that were answered as wished, in each second. */
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Told to come back later: 429 or 503. */
  readonly refused: number
  /** Any other status, and connections that broke or waited for more than a minute. */
  readonly faulty: number
}

/** Milliseconds, from wrk's `1.23ms`, `567.00us`, `2.10s` or `1.02m`. */
function milliseconds(text: string): number {
  const [, number, unit = ''] = /([\d.]+)(us|ms|s|m)/.exec(text) ?? []
  const factors: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }
  return Number(number) * (factors[unit] ?? Number.NaN)
}

/**
 * One thread of Debian's wrk, that many connections, each asking again as soon as it is answered.
 * `login`: who logs in, and `count` to tell refusals from faults.
 */
export async function load(
  url: string,
  connections: number,
  seconds: number,
  login: readonly string[] = [],
): Promise<Load> {
  const script = login.length > 0 ? ['-s', join(import.meta.dirname, 'login.lua')] : []
  const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '60s', ...script]
  const { stdout } = await promisify(execFile)('wrk', [...flags, url, '--', ...login])
  const numberAfter = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0)
  const took = milliseconds(/requests in (\S+),/.exec(stdout)?.[1] ?? '') / 1000
  const broken = /connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? []
  const [well, refused, faulty] = /^answers (\d+) (\d+) (\d+)/m.exec(stdout)?.slice(1).map(Number) ?? [
    numberAfter(/(\d+) requests in/) - numberAfter(/Non-2xx or 3xx responses: (\d+)/),
    0,
    numberAfter(/Non-2xx or 3xx responses: (\d+)/),
  ]
  return {
    perSecond: (well ?? 0) / took,
    p50: milliseconds(/^\s+50%\s+(\S+)/m.exec(stdout)?.[1] ?? ''),
    p99: milliseconds(/^\s+99%\s+(\S+)/m.exec(stdout)?.[1] ?? ''),
    refused: refused ?? 0,
    faulty: (faulty ?? 0) + broken.reduce((sum, count) => sum + Number(count), 0),
  }
}
