import type { Environment } from '../lab/io.ts'
import type { Ask, Kit } from '../lab/ports/kit.ts'
import { findPractice, type PracticeClient, startPractice, stopPractice } from '../practice/client.ts'
import { PRACTICE_REGION } from '../practice/service-file.ts'
import { ensurePracticeEngine } from './practice-engine.ts'
import { onPractice } from './practice-findings.ts'

export interface PracticeStatus {
  readonly running: boolean
  readonly pid: number | null
  readonly endpoint: string | null
  /** Whether it runs until `practice stop`, rather than until its last lab is cleaned up. */
  readonly kept: boolean
  readonly instances: number
  readonly databases: number
}

/** Where it lies, and the environment in which it is started. */
interface Place {
  readonly home: string
  readonly env: Environment
}

export async function practiceStart(
  { home, env }: Place,
  ask: Ask,
  tell: Kit['tell'],
): Promise<PracticeStatus> {
  return onPractice(async () => {
    await ensurePracticeEngine(ask, tell)
    return statusOf(await startPractice({ home, kept: true, env }))
  })
}

/** Whether there was one to stop. */
export async function practiceStop(home: string): Promise<{ readonly stopped: boolean }> {
  return { stopped: await onPractice(() => stopPractice(home)) }
}

export async function practiceStatus(home: string): Promise<PracticeStatus> {
  const status = await onPractice(async () => {
    const client = await findPractice(home)
    return client && statusOf(client)
  })
  if (status) return status
  return { running: false, pid: null, endpoint: null, kept: false, instances: 0, databases: 0 }
}

/** The environment for any AWS client of the practice cloud; starts it if it does not run, until `practice stop`. */
export async function practiceEnv(
  { home, env }: Place,
  region = PRACTICE_REGION,
): Promise<Readonly<Record<string, string>>> {
  const { service } = await onPractice(
    async () => (await findPractice(home)) ?? (await startPractice({ home, kept: true, env })),
  )
  return {
    AWS_ENDPOINT_URL: endpointOf(service.port),
    AWS_ACCESS_KEY_ID: service.accessKeyId,
    AWS_SECRET_ACCESS_KEY: service.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  }
}

/** The laptop as the practice cloud sees it. */
export interface LaptopStatus {
  readonly address: string
  readonly clockOffsetSeconds: number
  readonly credentials: 'valid' | 'expired'
}

export interface LaptopWish {
  readonly address: string | undefined
  readonly setClock: boolean
  readonly newCredentials: boolean
}

export async function practiceLaptop(
  { address, setClock, newCredentials }: LaptopWish,
  { home, env }: Place,
): Promise<LaptopStatus> {
  const laptop = await onPractice(async () => {
    const client = await startPractice({ home, kept: false, env })
    if (newCredentials) await client.replaceKey()
    return client.changeLaptop({
      ...(address === undefined ? {} : { address }),
      ...(setClock ? { clockOffsetMs: 0 } : {}),
    })
  })
  return {
    address: laptop.address,
    clockOffsetSeconds: Math.round(laptop.clockOffsetMs / 1_000),
    credentials: laptop.credentials,
  }
}

async function statusOf(client: PracticeClient): Promise<PracticeStatus> {
  const { pid, kept, instances, databases } = await client.about()
  return { running: true, pid, endpoint: endpointOf(client.service.port), kept, instances, databases }
}

function endpointOf(port: number): string {
  return `http://127.0.0.1:${port}`
}
