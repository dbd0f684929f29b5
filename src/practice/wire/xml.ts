import { NormalizedSchema } from '@smithy/core/schema'

/** An element with text or with children that are already XML. */
export interface Xml {
  readonly xml: string
}

export function element(name: string, content: string | readonly Xml[], namespace?: string): Xml {
  const inner = typeof content === 'string' ? escaped(content) : content.map((child) => child.xml).join('')
  const start = namespace === undefined ? name : `${name} xmlns="${escaped(namespace)}"`
  return { xml: inner === '' ? `<${start}/>` : `<${start}>${inner}</${name}>` }
}

export function documentOf(root: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}`
}

/** The members of an operation's output as elements, by the schema that the SDK reads them with. */
export function encodeOutput(output: Parameters<typeof NormalizedSchema.of>[0], value: unknown): Xml[] {
  const schema = NormalizedSchema.of(output)
  return schema.isStructSchema() ? members(schema, value) : []
}

function members(schema: NormalizedSchema, value: unknown): Xml[] {
  const record: Record<string, unknown> = { ...Object(value) }
  return [...schema.structIterator()].flatMap(([name, member]) =>
    encode(member.getMemberTraits().xmlName ?? name, member, record[name]),
  )
}

function encode(name: string, schema: NormalizedSchema, value: unknown): Xml[] {
  if (value === undefined || value === null) return []
  if (schema.isStructSchema()) return [element(name, members(schema, value))]
  if (schema.isListSchema()) return encodeList(name, schema, value)
  return [element(name, textOf(schema, value))]
}

function encodeList(name: string, schema: NormalizedSchema, value: unknown): Xml[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be a list`)
  const member = schema.getValueSchema()
  if (schema.getMergedTraits().xmlFlattened) return value.flatMap((item) => encode(name, member, item))
  const itemName = member.getMergedTraits().xmlName ?? 'member'
  return [
    element(
      name,
      value.flatMap((item) => encode(itemName, member, item)),
    ),
  ]
}

function textOf(schema: NormalizedSchema, value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  throw new TypeError(`no encoding is known for ${schema.getName(true)}`)
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A parser would read a bare carriage return as a line feed.
  '\r': '&#xD;',
}

function escaped(text: string): string {
  return text
    .replace(UNWRITABLE, '\uFFFD')
    .replace(/[&<>"\r]/g, (character) => entities[character] ?? character)
}

// XML 1.0 has no way to write these, not even as entities.
const UNWRITABLE = /[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]/gu
