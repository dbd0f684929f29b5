import { expect, test } from 'vitest'
import type { Lab, Network } from '../../src/lab/lab.ts'
import type { Phase } from '../../src/lab/phase.ts'
import type { Kit } from '../../src/lab/ports/kit.ts'
import { survey, walk } from '../../src/lab/walk.ts'

const network: Network = { vpcId: 'vpc-1', serverSubnets: [], databaseSubnets: [] }

/** A lab of phases that only take notes: `there` are the facts that exist before. */
function lab(there: readonly (keyof Lab)[], answer: (question: string) => boolean = () => true) {
  const log: string[] = []
  const facts = new Set<keyof Lab>(there)
  const step = (number: number, fact: keyof Lab, needs: (keyof Lab)[], more: Partial<Phase> = {}): Phase => ({
    number,
    id: `make-${fact}`,
    fact,
    title: `Make the ${fact}`,
    lesson: 'why',
    needs,
    find: async (known) => {
      log.push(`find ${fact} knowing ${Object.keys(known).join(' ')}`)
      return facts.has(fact) ? (`${fact} found` as never) : undefined
    },
    make: async (known) => {
      log.push(`make ${fact} knowing ${Object.keys(known).join(' ')}`)
      facts.add(fact)
      return `${fact} made` as never
    },
    describe: (value) => `the ${value}`,
    ...more,
  })
  const start = async () => {
    log.push('start the database early')
    return true
  }
  const phases = [
    step(1, 'server', ['network']),
    step(2, 'host', ['server']),
    step(3, 'database', ['network'], { start }),
  ]
  let proof: { at: string } | undefined = { at: 'before' }
  // A walk uses these three of the kit; the phases are given the rest.
  const kit = {
    record: {
      get value() {
        return { proof }
      },
      save: (change: { proof: undefined }) => {
        log.push('the old proof is dropped')
        proof = change.proof
      },
    },
    tell: (event: { kind: string; title?: string; detail?: string }) =>
      void log.push(`${event.kind}: ${event.detail ?? event.title}`),
    ask: {
      goOn: async (question: string) => {
        log.push(question)
        return answer(question)
      },
    },
  } as unknown as Kit
  return { log, phases, kit }
}

test('a walk from nothing asks, starts early what takes long, and makes one fact after the other', async () => {
  const { log, phases, kit } = lab([])
  expect(await walk(phases, network, kit)).toEqual({
    lab: { network, server: 'server made', host: 'host made', database: 'database made' },
  })
  expect(log).toEqual([
    'phase: Make the server',
    'find server knowing network',
    'Do phase 1 now?',
    'start the database early',
    'the old proof is dropped',
    'make server knowing network',
    'made: the server made',
    'phase: Make the host',
    'find host knowing network server',
    'Do phase 2 now?',
    'make host knowing network server',
    'made: the host made',
    'phase: Make the database',
    'find database knowing network server host',
    'Do phase 3 now?',
    'make database knowing network server host',
    'made: the database made',
  ])
})

test('what is there is found and not asked for; the early start waits for the first yes', async () => {
  const { log, phases, kit } = lab(['server'])
  await walk(phases, network, kit)
  expect(log.slice(0, 9)).toEqual([
    'phase: Make the server',
    'find server knowing network',
    'found: the server found',
    'phase: Make the host',
    'find host knowing network server',
    'Do phase 2 now?',
    'start the database early',
    'the old proof is dropped',
    'make host knowing network server',
  ])
  expect(log.filter((line) => line === 'start the database early')).toHaveLength(1)
})

test('what was begun early counts as made when it is done by its turn, not as found', async () => {
  const { log, phases, kit } = lab([])
  const database = phases[2] as Phase
  const ready = { ...database, find: async () => 'database there' as never }
  await walk([...phases.slice(0, 2), ready], network, kit)
  expect(log.at(-1)).toBe('made: the database there')
})

test('what rests on something new counts as made, though nothing was left to do for it', async () => {
  const { log, phases, kit } = lab(['host'])
  await walk(phases, network, kit)
  expect(log).toContain('made: the host found')
})

test('where all is there, nothing is asked, started or made', async () => {
  const { log, phases, kit } = lab(['server', 'host', 'database'])
  expect((await walk(phases, network, kit)).stoppedBefore).toBeUndefined()
  expect(log.filter((line) => /^(Do|start|make|the old)/.test(line))).toEqual([])
})

test('a student who says no at the first question has started nothing', async () => {
  const { log, phases, kit } = lab([], () => false)
  expect(await walk(phases, network, kit)).toEqual({ lab: { network }, stoppedBefore: phases[0] })
  expect(log).toEqual(['phase: Make the server', 'find server knowing network', 'Do phase 1 now?'])
})

test('a student who stops later keeps what is there until then', async () => {
  const { phases, kit } = lab([], (question) => !question.includes('2'))
  expect(await walk(phases, network, kit)).toEqual({
    lab: { network, server: 'server made' },
    stoppedBefore: phases[1],
  })
})

test('a failure ends the walk where it is', async () => {
  const { log, phases, kit } = lab([])
  const broken = phases.map((step) => ({
    ...step,
    make: step.number === 2 ? async () => Promise.reject(new Error('no')) : step.make,
  }))
  await expect(walk(broken, network, kit)).rejects.toThrow('no')
  expect(log.at(-1)).toBe('Do phase 2 now?')
})

test('a survey changes nothing, asks nothing, and skips what lacks its needs', async () => {
  const { log, phases, kit } = lab(['host', 'database'])
  expect(await survey(phases, network, kit)).toEqual({
    lab: { network, database: 'database found' },
    done: new Set(['make-database']),
    unknown: new Set(['make-host']),
  })
  expect(log).toEqual(['find server knowing network', 'find database knowing network'])
})
