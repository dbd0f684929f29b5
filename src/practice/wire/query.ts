import { NormalizedSchema } from '@smithy/core/schema'

/** How the two Query protocols differ in a request, and what each says to one that it can't read. */
export interface Dialect {
  /** EC2 writes `InstanceId.1`, AWS Query `SubnetIds.SubnetIdentifier.1`. */
  readonly flattened: boolean
  /** The key of a structure's member. */
  key(memberName: string, traits: KeyTraits): string
  missing(key: string): Error
  invalid(key: string, text: string, expected: string): Error
  unknown(key: string): Error | undefined
}

interface KeyTraits {
  readonly xmlName?: string
  readonly ec2QueryName?: string
}

interface Branch {
  readonly key: string
  text: string | undefined
  readonly children: Map<string, Branch>
}

type Decoded = Record<string, unknown>

/** Reads the parameters of a request by the schema of its operation's input. */
export function decodeQuery(
  input: OperationInput,
  parameters: Iterable<[string, string]>,
  dialect: Dialect,
): Decoded {
  const root: Branch = { key: '', text: undefined, children: new Map() }
  for (const [key, value] of parameters) plant(root, key, value)
  const schema = NormalizedSchema.of(input)
  return schema.isStructSchema() ? decodeStructure(schema, root, dialect) : refuseAll(root, dialect)
}

type OperationInput = Parameters<typeof NormalizedSchema.of>[0]

function plant(root: Branch, key: string, value: string): void {
  let branch = root
  for (const part of key.split('.')) {
    const path = branch.key === '' ? part : `${branch.key}.${part}`
    const child = branch.children.get(part) ?? { key: path, text: undefined, children: new Map() }
    branch.children.set(part, child)
    branch = child
  }
  branch.text = value
}

function decode(schema: NormalizedSchema, branch: Branch, dialect: Dialect): unknown {
  if (schema.isStructSchema()) return decodeStructure(schema, branch, dialect)
  if (schema.isListSchema()) return decodeList(schema, branch, dialect)
  refuseAll(branch, dialect)
  return decodeText(schema, branch, dialect)
}

function decodeStructure(schema: NormalizedSchema, branch: Branch, dialect: Dialect): Decoded {
  const value: Decoded = {}
  const known = new Set<string>()
  let position = 0
  for (const [name, member] of schema.structIterator()) {
    const key = dialect.key(name, member.getMergedTraits())
    known.add(key)
    const child = branch.children.get(key)
    if (child !== undefined) value[name] = decode(member, child, dialect)
    else if (position < requiredMembers(schema)) {
      throw dialect.missing(branch.key === '' ? key : `${branch.key}.${key}`)
    }
    position += 1
  }
  refuseOthers(branch, known, dialect)
  return value
}

/** The SDK's schemas list required members first and say how many they are. */
function requiredMembers(schema: NormalizedSchema): number {
  const structure: unknown = schema.getSchema()
  const count: unknown = Array.isArray(structure) ? structure[6] : undefined
  return typeof count === 'number' ? count : 0
}

function decodeList(schema: NormalizedSchema, branch: Branch, dialect: Dialect): unknown[] {
  const member = schema.getValueSchema()
  const items = dialect.flattened || schema.getMergedTraits().xmlFlattened ? branch : wrapped(member, branch)
  // An empty list is sent as its bare name.
  if (items === undefined) return []
  return [...items.children]
    .map(([index, child]) => {
      if (!/^[1-9][0-9]{0,5}$/.test(index)) throw dialect.invalid(child.key, index, 'a list index')
      return { index: Number(index), child }
    })
    .sort((one, other) => one.index - other.index)
    .map(({ child }) => decode(member, child, dialect))
}

function wrapped(member: NormalizedSchema, list: Branch): Branch | undefined {
  return list.children.get(member.getMergedTraits().xmlName ?? 'member') ?? list.children.get('member')
}

function decodeText(schema: NormalizedSchema, branch: Branch, dialect: Dialect): unknown {
  const { key, text = '' } = branch
  if (schema.isBlobSchema()) {
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) throw dialect.invalid(key, text, 'base64 text')
    return Buffer.from(text, 'base64')
  }
  if (schema.isBooleanSchema()) {
    if (!/^(true|false)$/i.test(text)) throw dialect.invalid(key, text, 'a Boolean')
    return text.toLowerCase() === 'true'
  }
  if (schema.isNumericSchema() || schema.isBigIntegerSchema()) {
    if (!/^-?[0-9]{1,15}(\.[0-9]+)?$/.test(text)) throw dialect.invalid(key, text, 'a number')
    return Number(text)
  }
  if (schema.isTimestampSchema()) {
    const time = new Date(text)
    if (Number.isNaN(time.getTime())) throw dialect.invalid(key, text, 'a timestamp')
    return time
  }
  if (schema.isStringSchema()) return text
  throw new Error(`no decoding is known for ${schema.getName(true)} at ${key}`)
}

function refuseOthers(branch: Branch, known: ReadonlySet<string>, dialect: Dialect): void {
  for (const [name, child] of branch.children) {
    if (known.has(name)) continue
    const refusal = dialect.unknown(child.key)
    if (refusal !== undefined) throw refusal
  }
}

function refuseAll(branch: Branch, dialect: Dialect): Decoded {
  refuseOthers(branch, new Set(), dialect)
  return {}
}
