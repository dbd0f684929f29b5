import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EC2Client } from '@aws-sdk/client-ec2'
import { RDSClient } from '@aws-sdk/client-rds'
import { onTestFinished } from 'vitest'
import type { PracticeClient } from '../../src/practice/client.ts'
import { placesIn } from '../../src/practice/paths.ts'
import { PRACTICE_MARK, processesWith, signal } from '../../src/practice/processes.ts'
import { PRACTICE_REGION } from '../../src/practice/service-file.ts'
import { makeHome } from './data-plane.ts'

// The daemon is a program of its own, so what is built is tested.
export const built = join(import.meta.dirname, '../../dist/practice/client.js')
const client = (await import(pathToFileURL(built).href)) as typeof import('../../src/practice/client.ts')
export const { findPractice, stopPractice } = client
export const startPractice = (home: string, kept: boolean) =>
  client.startPractice({ home, kept, env: process.env })

/** A FLASKLAB_HOME for the running test; whatever runs in it then is ended. */
export function openHome(): string {
  const home = makeHome()
  onTestFinished(async () => {
    await stopPractice(home)
    for (const pid of daemonsOf(home)) signal(pid, 'SIGKILL')
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  })
  return home
}

export function daemonsOf(home: string): number[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n')
  return lines
    .filter((line) => line.includes('daemon.js') && line.includes(` ${home}`))
    .map((line) => Number.parseInt(line, 10))
}

export const marked = (home: string) => processesWith(PRACTICE_MARK, placesIn(home).root)

export function config({ service }: PracticeClient) {
  const { port, accessKeyId, secretAccessKey } = service
  const credentials = { accessKeyId, secretAccessKey }
  return { endpoint: `http://127.0.0.1:${port}`, region: PRACTICE_REGION, credentials, maxAttempts: 1 }
}
export const ec2Of = (client: PracticeClient) => new EC2Client(config(client))
export const rdsOf = (client: PracticeClient) => new RDSClient(config(client))
