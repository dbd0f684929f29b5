import { expect } from 'vitest'
import { practiceSigner, type Signer } from '../aws-command.ts'
import { openCloud, type TestCloud } from '../support.ts'

/** A command of the SDK. Its name and input are those of the operation, whoever sends it. */
export interface Command<Answer> {
  readonly input: object
  resolveMiddleware(...parts: never[]): (...request: never[]) => Promise<{ readonly output: Answer }>
}

export interface Request {
  readonly service: 'ec2' | 'rds' | 'sts'
  readonly command: Command<unknown>
  readonly signer: Signer
}

export type Outcome =
  | { readonly answer: unknown }
  | { readonly refused: { readonly code: string; readonly message: string; readonly status?: number } }

/** A way to send a request to the cloud: the SDK, or the command line. */
export type Channel = (request: Request, cloud: TestCloud) => Promise<Outcome>

/** One thing that AWS does and the lab depends on. */
export interface Behaviour {
  readonly says: string
  check(cloud: TestCloud, channel: Channel): Promise<void>
}

/** A quick cloud that keeps terminated instances visible as AWS does, for about an hour. */
export function openFidelityCloud(): Promise<TestCloud> {
  return openCloud({ pace: { terminatedVisible: 3_600_000 } })
}

interface Refusal {
  /** Left out where it is known only that AWS refuses. */
  readonly code?: string
  /** AWS's wording, where it is known: all of it, or a part. */
  readonly message?: string | RegExp
  readonly status?: number
}

interface Entry<Given, Answer> {
  readonly says: string
  readonly signer?: Partial<Signer>
  /** Brings the cloud into the state of the behaviour. */
  given?(cloud: TestCloud): Promise<Given> | Given
  ask(given: Given): Command<Answer>
  /** How AWS refuses, or what is true of its answer. */
  readonly aws: Refusal | ((answer: Answer, given: Given, cloud: TestCloud) => Promise<void> | void)
}

export const ec2 = behaviourOf('ec2')
export const rds = behaviourOf('rds')
export const sts = behaviourOf('sts')

function behaviourOf(service: Request['service']) {
  return <Given, Answer>({ says, signer, given, ask, aws }: Entry<Given, Answer>): Behaviour => ({
    says,
    check: async (cloud, channel) => {
      // An entry without `given` has no parameter to give it to.
      const state = (await given?.(cloud)) as Given
      const request = { service, command: ask(state), signer: { ...practiceSigner, ...signer } }
      const outcome = await channel(request, cloud)
      if (typeof aws !== 'function') return expectRefusal(outcome, aws)
      if (!('answer' in outcome)) throw new Error(`Refused: ${JSON.stringify(outcome.refused)}`)
      // Both channels answer with the operation's output as the SDK names its members.
      await aws(outcome.answer as Answer, state, cloud)
    },
  })
}

function expectRefusal(outcome: Outcome, { code, message, status }: Refusal): void {
  const isTold = 'refused' in outcome && outcome.refused.status !== undefined
  expect(outcome).toMatchObject({
    refused: {
      ...(code !== undefined && { code }),
      ...(message !== undefined && {
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      }),
      ...(status !== undefined && isTold && { status }),
    },
  })
}
