import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as ec2 from '@aws-sdk/client-ec2'
import * as rds from '@aws-sdk/client-rds'
import * as sts from '@aws-sdk/client-sts'
import { NormalizedSchema } from '@smithy/core/schema'
import { CommanderError } from 'commander'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/lab/command-words.ts'
import { commandLine } from '../support/command-line.ts'
import { commandsIn, type Made, textsIn, type Value } from '../support/shown-commands.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Where commands are made of parts that are handed on. */
const WORKSHOP: readonly string[] = ['src/lab/command.ts']
const made = sources
  .filter((file) => !WORKSHOP.includes(file))
  .flatMap((file) => commandsIn(file, read(file)))
const madeBy = (...names: string[]) => made.filter(({ by }) => names.includes(by))

interface Line {
  readonly from: string
  readonly words: readonly string[]
}

/** The lines that the command line does not take, and why. */
async function refused(lines: readonly Line[]): Promise<readonly string[]> {
  const said = new Map<string, string | undefined>()
  for (const { words } of lines) {
    const line = words.join(' ')
    if (!said.has(line)) said.set(line, await objection(words))
  }
  return lines.flatMap(({ from, words }) => {
    const why = said.get(words.join(' '))
    return why === undefined ? [] : [`${from}: ${words.join(' ')}: ${why}`]
  })
}

/** Undefined where the command line takes the words. */
async function objection(words: readonly string[]): Promise<string | undefined> {
  try {
    await commandLine().parseAsync([...words], { from: 'user' })
    return undefined
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined
    return (error as Error).message
  }
}

describe('flasklab’s own commands', () => {
  /** A stand-in for a value that only a run knows. */
  const SAMPLES: Readonly<Record<string, string>> = {
    lab: 'second',
    region: 'eu-north-1',
    instance: 'i-0123456789abcdef0',
    id: '0123456789',
    'allow-from': '203.0.113.7/32',
  }

  function wordsOf({ by, args }: Made): readonly string[] {
    if (by === 'onServer') return ['ssh', '--', 'date']
    const [verb, flags] = args
    if (verb?.kind !== 'literal') return ['(not to be read)']
    const members = flags?.kind === 'object' ? flags.members : []
    const given = members.flatMap(([name, value]) => {
      if (value.kind !== 'literal') return [`--${name}`, SAMPLES[name] ?? '(no sample)']
      return value.value === true ? [`--${name}`] : [`--${name}`, String(value.value)]
    })
    return [...String(verb.value).split(' ').filter(Boolean), ...given]
  }

  /** A flag at the very end is followed by what is filled in. */
  function wordsIn(line: string): readonly string[] {
    return line
      .replace(/(--\w+) $/, '$1 second')
      .split(' ')
      .filter(Boolean)
  }

  test('are many', () => {
    expect(madeBy('flasklab', 'onServer').length).toBeGreaterThan(100)
  })

  test('are all accepted by the real command line, with their flags and values', async () => {
    const lines = madeBy('flasklab', 'onServer').map((each) => ({ from: each.at, words: wordsOf(each) }))
    expect(await refused(lines)).toEqual([])
  })

  test('are accepted where a sentence names them', async () => {
    const named = sources.flatMap((file) =>
      textsIn(read(file)).flatMap((text) =>
        [
          ...text.matchAll(/"flasklab ([^"]+)"|\$\(flasklab ([^)]+)\)|^ {2}flasklab ([^>\n]+?)(?: {2}|$)/gm),
        ].map(([, ...found]) => ({
          from: file,
          words: wordsIn(found.find((each) => each !== undefined) ?? ''),
        })),
      ),
    )
    expect(named.length).toBeGreaterThan(20)
    expect(await refused(named)).toEqual([])
  })
})

describe('commands of AWS’s command line', () => {
  const CLIENTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { ec2, rds, sts }

  /** Operations of services that flasklab has no client of. */
  const OTHERS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    configure: { '': [], 'list-profiles': [] },
    iam: { 'create-service-linked-role': ['aws-service-name'] },
    logs: { 'delete-log-group': ['log-group-name'] },
    'service-quotas': { 'get-service-quota': ['service-code', 'quota-code'] },
    sso: { login: [] },
  }

  /** Options of the command line alone, and the members that it makes of them. */
  const OWN: Readonly<Record<string, readonly string[]>> = {
    query: [],
    output: [],
    cidr: ['IpPermissions'],
    port: ['IpPermissions'],
    protocol: ['IpPermissions'],
    'source-group': ['IpPermissions'],
    ingress: ['Egress'],
    count: ['MinCount', 'MaxCount'],
  }

  const WAITERS: Readonly<Record<string, string>> = { 'db-instance-available': 'describe-db-instances' }

  const plain = (name: string) => name.replaceAll('-', '').toLowerCase()

  /** The faults of a command; none where AWS would take it. */
  function faults({ by, args }: Made): readonly string[] {
    const [service, operation, options] = by === 'aws' ? args.slice(1) : args
    const words = operation ?? { kind: 'literal', value: '' }
    if (service?.kind !== 'literal' || words.kind !== 'literal') return ['can’t be read']
    const given = options?.kind === 'object' ? options.members : []
    if (options !== undefined && options.kind !== 'object') return ['its options can’t be read']
    const others = OTHERS[String(service.value)]
    if (others === undefined) return faultsBySchema(String(service.value), String(words.value), given)
    const known = others[String(words.value)]
    if (known === undefined) return [`${service.value} has no ${words.value} in the list`]
    return given.flatMap(([name]) => (known.includes(name) ? [] : [`unknown option ${name}`]))
  }

  function faultsBySchema(
    service: string,
    words: string,
    given: readonly (readonly [string, Value])[],
  ): readonly string[] {
    const [, waiter] = /^wait (.+)$/.exec(words) ?? []
    const operation = waiter === undefined ? words : (WAITERS[waiter] ?? `waiter ${waiter}`)
    const input = inputOf(service, operation)
    if (input === undefined) return [`${service} has no ${operation}`]
    const members = new Map(structMembers(input).map(([name, schema]) => [plain(name), { name, schema }]))
    const set = new Set<string>()
    const wrong = given.flatMap(([option, value]) => {
      const member = members.get(plain(option)) ?? members.get(plain(option.replace(/^no-/, '')))
      if (member === undefined) {
        for (const each of OWN[option] ?? []) set.add(each)
        return OWN[option] === undefined ? [`unknown option ${option}`] : []
      }
      set.add(member.name)
      return faultsOfValue(option, value, member.schema)
    })
    const missing = requiredOf(input).filter((name) => !set.has(name))
    return [...wrong, ...missing.map((name) => `lacks ${name}`)]
  }

  function inputOf(service: string, operation: string): NormalizedSchema | undefined {
    const found = Object.entries(CLIENTS[service] ?? {}).find(
      ([name, value]) => Array.isArray(value) && value[0] === 9 && plain(name) === `${plain(operation)}$`,
    )?.[1]
    return Array.isArray(found) ? NormalizedSchema.of(found[4]) : undefined
  }

  function structMembers(schema: NormalizedSchema): readonly (readonly [string, NormalizedSchema])[] {
    return schema.isStructSchema() ? [...schema.structIterator()] : []
  }

  /** Smithy puts the required members first, and says how many they are. */
  function requiredOf(schema: NormalizedSchema): readonly string[] {
    if (!schema.isStructSchema()) return []
    const raw = schema.getSchema() as readonly unknown[]
    return (raw[4] as readonly string[]).slice(0, Number(raw[6] ?? 0))
  }

  function faultsOfValue(option: string, value: Value, schema: NormalizedSchema): readonly string[] {
    if (value.kind === 'literal' && typeof value.value === 'boolean')
      return isSwitch(schema) ? [] : [`${option} wants a value`]
    if (schema.isListSchema()) {
      const items = value.kind === 'list' ? value.items : [value]
      return items.flatMap((item) => faultsOfValue(option, item, schema.getValueSchema()))
    }
    if (schema.isStructSchema()) return faultsOfMembers(option, value, schema)
    if (value.kind === 'list' || (value.kind === 'object' && !isOutput(value)))
      return [`${option} is one word`]
    if (schema.isBooleanSchema()) return isTruth(value) ? [] : [`${option} is true or false`]
    return []
  }

  function faultsOfMembers(option: string, value: Value, schema: NormalizedSchema): readonly string[] {
    if (value.kind === 'anything') return []
    if (value.kind !== 'object') return [`${option} has members`]
    const known = new Map(structMembers(schema))
    return value.members.flatMap(([name, each]) => {
      const member = known.get(name)
      return member === undefined
        ? [`${option} has no ${name}`]
        : faultsOfValue(`${option}.${name}`, each, member)
    })
  }

  /** The command line makes a switch of a structure that is nothing but a truth. */
  function isSwitch(schema: NormalizedSchema): boolean {
    const members = structMembers(schema).map(([name]) => name)
    return schema.isBooleanSchema() || (members.length === 1 && members[0] === 'Value')
  }

  function isOutput({ members }: Value & { readonly kind: 'object' }): boolean {
    return members.some(([name]) => name === 'output')
  }

  function isTruth(value: Value): boolean {
    return value.kind !== 'literal' || ['true', 'false'].includes(String(value.value))
  }

  test('are many', () => {
    expect(madeBy('aws', 'awsAnywhere').length).toBeGreaterThan(20)
  })

  test('are accepted by the SDK’s schema of their operation, and by a list where there is none', () => {
    const wrong = madeBy('aws', 'awsAnywhere').flatMap((each) =>
      faults(each).map((fault) => `${each.at}: ${fault}`),
    )
    expect(wrong).toEqual([])
  })

  test.each([
    [`aws(r, 'ec2', 'delete-volumes', { 'volume-id': id })`, 'ec2 has no delete-volumes'],
    [`aws(r, 'ec2', 'delete-volume', { 'volume-ids': id })`, 'unknown option volume-ids'],
    [`aws(r, 'ec2', 'delete-volume')`, 'lacks VolumeId'],
    [`aws(r, 'rds', 'delete-db-instance', { 'db-instance-identifier': true })`, 'wants a value'],
    [`aws(r, 'rds', 'wait db-instance-gone', {})`, 'rds has no waiter db-instance-gone'],
    [`aws(r, 'ec2', 'describe-instances', { filters: { Nam: 'a' } })`, 'filters has no Nam'],
    [`aws(r, 'ec2', 'describe-instances', { filters: 'a' })`, 'filters has members'],
    [
      `aws(r, 'ec2', 'modify-vpc-attribute', { 'vpc-id': v, 'enable-dns-support': { Value: 'yes' } })`,
      'is true or',
    ],
    [`aws(r, 'ec2', 'delete-volume', { ...(a ? { 'volume-id': id } : {}) })`, 'lacks VolumeId'],
    [`aws(r, 'ec2', a ? 'describe-volumes' : 'describe-volume')`, 'ec2 has no describe-volume'],
    [`aws(r, 'ec2', name)`, 'can’t be read'],
    [`awsAnywhere('iam', 'create-role')`, 'iam has no create-role in the list'],
    [`awsAnywhere('iam', 'create-service-linked-role', { name: 'x' })`, 'unknown option name'],
  ])('a wrong one is seen: %s', (code, fault) => {
    expect(commandsIn('one.ts', code).flatMap(faults)).toContainEqual(expect.stringContaining(fault))
  })
})

test('no text of the sources begins with a command: those are values', () => {
  const verbs = Object.keys(COMMANDS).filter(Boolean).join('|')
  const command = new RegExp(
    `^(?:flasklab (?:${verbs})(?: --.*|$)|aws (?:ec2|rds|sts|iam|logs|sso|configure)\\b)`,
  )
  const found = sources.flatMap((file) =>
    textsIn(read(file))
      .filter((text) => command.test(text))
      .map((text) => `${file}: ${text}`),
  )
  expect(found).toEqual([])
})
