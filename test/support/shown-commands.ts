import { type Node, parseSync, Visitor } from 'oxc-parser'

/** A value as the sources have it; `anything` where only a run can tell. */
export type Value =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Value])[] }
  | { readonly kind: 'anything' }

/** A call that makes a command; where an argument has several values, one for each. */
export interface Made {
  readonly by: string
  /** As `src/checks/…:12`. */
  readonly at: string
  readonly args: readonly Value[]
}

const CONSTRUCTORS: readonly string[] = ['flasklab', 'onServer', 'aws', 'awsAnywhere']

/** The commands that a source file makes for somebody to type. */
export function commandsIn(file: string, code: string): readonly Made[] {
  const { program } = parseSync('source.ts', code)
  const constants = new Map<string, Node>()
  const made: Made[] = []
  new Visitor({
    VariableDeclarator: ({ id, init }) => {
      if (id.type === 'Identifier' && init) constants.set(id.name, init)
    },
  }).visit(program)
  new Visitor({
    CallExpression: ({ callee, arguments: given, start }) => {
      if (callee.type !== 'Identifier' || !CONSTRUCTORS.includes(callee.name)) return
      const at = `${file}:${code.slice(0, start).split('\n').length}`
      const each = given.map((argument) => valuesOf(argument, constants))
      for (const args of combinations(each)) made.push({ by: callee.name, at, args })
    },
  }).visit(program)
  return made
}

function combinations(each: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
  return each.reduce<readonly (readonly Value[])[]>(
    (all, values) => all.flatMap((before) => values.map((value) => [...before, value])),
    [[]],
  )
}

const ANYTHING: Value = { kind: 'anything' }
type Constants = ReadonlyMap<string, Node>

function valuesOf(node: Node, constants: Constants): readonly Value[] {
  switch (node.type) {
    case 'Literal':
      return ['string', 'number', 'boolean'].includes(typeof node.value)
        ? [{ kind: 'literal', value: node.value as string | number | boolean }]
        : [ANYTHING]
    case 'ConditionalExpression':
      return [...valuesOf(node.consequent, constants), ...valuesOf(node.alternate, constants)]
    case 'ArrayExpression':
      return combinations(node.elements.map((each) => (each === null ? [] : valuesOf(each, constants)))).map(
        (items) => ({ kind: 'list', items }),
      )
    case 'ObjectExpression':
      return objectsOf(node.properties, constants)
    case 'TSAsExpression':
      return valuesOf(node.expression, constants)
    case 'Identifier': {
      const init = constants.get(node.name)
      return init === undefined ? [ANYTHING] : valuesOf(init, constants)
    }
    default:
      return [ANYTHING]
  }
}

function objectsOf(properties: readonly Node[], constants: Constants): readonly Value[] {
  const each = properties.map((property): readonly Value[] => {
    if (property.type === 'SpreadElement') return valuesOf(property.argument, constants)
    if (property.type !== 'Property') return [ANYTHING]
    const { key } = property
    const name =
      key.type === 'Identifier' && !property.computed ? key.name : (key as { value?: string }).value
    if (name === undefined) return [ANYTHING]
    return valuesOf(property.value, constants).map((value) => ({ kind: 'object', members: [[name, value]] }))
  })
  return combinations(each).map((parts) => ({
    kind: 'object',
    members: parts.flatMap((part) => (part.kind === 'object' ? part.members : [])),
  }))
}

/** The texts of a source file, whole or between what is filled in. */
export function textsIn(code: string): readonly string[] {
  const texts: string[] = []
  new Visitor({
    Literal: ({ value }) => {
      if (typeof value === 'string') texts.push(value)
    },
    TemplateElement: ({ value }) => {
      texts.push(value.cooked ?? value.raw)
    },
  }).visit(parseSync('source.ts', code).program)
  return texts
}
