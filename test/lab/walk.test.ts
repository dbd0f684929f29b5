import { expect, test } from 'vitest'
import type { Lab, Network } from '../../src/lab/lab.ts'
import { numbered, type Phase } from '../../src/lab/phase.ts'
import { survey, type WalkKit, walk } from '../../src/lab/walk.ts'

const network: Network = { vpcId: 'vpc-1', serverSubnets: [], databaseSubnets: [] }

/** All facts of a lab; each holds the word, by which a test tells it from another one. */
function facts(word: string): Lab {
  return {
    network,
    server: { id: word, address: '', vpcId: '', groupIds: [] },
    host: { home: word, node: '' },
    project: { folder: word, digest: '' },
    database: { id: word, endpoint: { host: '', port: 0 }, vpcId: '', groupIds: [] },
    link: { linkGroupId: word, databaseGroupId: '' },
    schema: { database: word, user: '' },
    site: { url: word },
    proof: { steps: [{ id: word, passed: true, detail: '' }] },
  }
}

const [found, made] = [facts('found'), facts('made')]
const wordIn = (fact: unknown) => /found|made|there/.exec(JSON.stringify(fact))?.[0]

type Step = Phase<keyof Lab, keyof Lab, WalkKit>

/** A lab of phases that only take notes: `there` are the facts that exist before. */
function lab(there: readonly (keyof Lab)[], answer: (question: string) => boolean = () => true) {
  const log: string[] = []
  const present = new Set<keyof Lab>(there)
  const step = (fact: keyof Lab, needs: (keyof Lab)[], more: Partial<Step> = {}): Step => ({
    id: `make-${fact}`,
    fact,
    title: `Make the ${fact}`,
    lesson: 'why',
    needs,
    find: async (known) => {
      log.push(`find ${fact} knowing ${Object.keys(known).join(' ')}`)
      return present.has(fact) ? found[fact] : undefined
    },
    make: async (known) => {
      log.push(`make ${fact} knowing ${Object.keys(known).join(' ')}`)
      present.add(fact)
      return made[fact]
    },
    describe: (value) => `the ${fact} ${wordIn(value)}`,
    ...more,
  })
  const start = async () => {
    log.push('start the database early')
    return true
  }
  const phases = numbered([
    step('server', ['network']),
    step('host', ['server']),
    step('database', ['network'], { start }),
  ])
  let proof: WalkKit['record']['value']['proof'] = { at: 'before', serverId: '', databaseId: '' }
  const kit: WalkKit = {
    record: {
      get value() {
        return { proof }
      },
      save: (change) => {
        log.push('the old proof is dropped')
        proof = change.proof
      },
    },
    tell: (event) => {
      if (event.kind === 'phase') log.push(`phase: ${event.title}`)
      if (event.kind === 'found' || event.kind === 'made') log.push(`${event.kind}: ${event.detail}`)
    },
    snapshot: { forget: () => {} },
    ask: {
      goOn: async (question: string) => {
        log.push(question)
        return answer(question)
      },
    },
  }
  return { log, phases, kit, step }
}

test('a walk from nothing asks, starts early what takes long, and makes one fact after the other', async () => {
  const { log, phases, kit } = lab([])
  expect(await walk(phases, network, kit)).toEqual({
    lab: { network, server: made.server, host: made.host, database: made.database },
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

test('a fact that is there is found and not asked for; the early start waits for the first yes', async () => {
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

test('a fact that was begun early counts as made when it is done by its turn, not as found', async () => {
  const { log, phases, kit } = lab([])
  const ready = { find: async () => facts('there').database }
  await walk(
    phases.map((step) => (step.fact === 'database' ? { ...step, ...ready } : step)),
    network,
    kit,
  )
  expect(log.at(-1)).toBe('made: the database there')
})

test('a fact that rests on a new one counts as made, though nothing was left to do for it', async () => {
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
    lab: { network, server: made.server },
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
    lab: { network, database: found.database },
    done: new Set(['make-database']),
    unknown: new Set(['make-host']),
  })
  expect(log).toEqual(['find server knowing network', 'find database knowing network'])
})

test('a survey looks at a phase as soon as its needs are known, and waits for no other', async () => {
  const { log, phases, kit } = lab(['server', 'host', 'database'])
  let tellFound = () => {}
  const databaseFound = new Promise<void>((resolve) => {
    tellFound = resolve
  })
  const held = phases.map((step) => ({
    ...step,
    find: async (...given: Parameters<typeof step.find>) => {
      if (step.fact === 'server') await databaseFound
      const fact = await step.find(...given)
      if (step.fact === 'database') tellFound()
      return fact
    },
  }))
  expect((await survey(held, network, kit)).done.size).toBe(3)
  expect(log).toEqual([
    'find database knowing network',
    'find server knowing network',
    'find host knowing server',
  ])
})

test('a survey that fails tells the first failure of the list, once nothing is at work any more', async () => {
  const { phases, kit } = lab(['server'])
  let isAtWork = false
  const broken = phases.map((step) => ({
    ...step,
    find: async (...given: Parameters<typeof step.find>) => {
      if (step.fact === 'server') return step.find(...given)
      if (step.fact === 'database') throw new Error('database')
      isAtWork = true
      await new Promise((resolve) => setImmediate(resolve))
      isAtWork = false
      throw new Error('host')
    },
  }))
  const { done, unknown, failure } = await survey(broken, network, kit)
  expect({ done, unknown, failure, isAtWork }).toEqual({
    done: new Set(['make-server']),
    unknown: new Set(['make-host', 'make-database']),
    failure: new Error('host'),
    isAtWork: false,
  })
})

test('a phase between two others is walked and surveyed in its place, and the later ones count on', async () => {
  const { log, phases, kit, step } = lab(['server'])
  const [first, ...rest] = phases
  const more = numbered([...(first ? [first] : []), step('project', ['server']), ...rest])
  expect(more.map(({ number, id }) => `${number} ${id}`)).toEqual([
    '1 make-server',
    '2 make-project',
    '3 make-host',
    '4 make-database',
  ])
  expect(await survey(more, network, kit)).toMatchObject({ done: new Set(['make-server']) })
  await walk(more, network, kit)
  expect(log.filter((line) => line.startsWith('Do'))).toEqual([
    'Do phase 2 now?',
    'Do phase 3 now?',
    'Do phase 4 now?',
  ])
})
