import { type ParseResult, parseSync, Visitor } from 'oxc-parser'

/** An import or re-export as it is written, whether the file that it names exists or not. */
export interface Import {
  readonly from: string
  /** Only types are taken: nothing of it is left at run time. */
  readonly isType: boolean
}

/** All that a TypeScript file takes from elsewhere: imports, re-exports, dynamic imports and types by `import('…')`. */
export function importsOf(code: string): readonly Import[] {
  const found: Import[] = []
  const add = (source: { readonly value?: unknown } | null, isType: boolean) => {
    if (typeof source?.value === 'string') found.push({ from: source.value, isType })
  }
  const allTypes = (specifiers: readonly object[]) =>
    specifiers.length > 0 && specifiers.every((each) => kindOf(each) === 'type')
  new Visitor({
    ImportDeclaration: (node) =>
      add(node.source, node.importKind === 'type' || allTypes(node.specifiers ?? [])),
    ExportNamedDeclaration: (node) =>
      add(node.source, node.exportKind === 'type' || allTypes(node.specifiers ?? [])),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === 'type'),
    ImportExpression: (node) => add(node.source as { value?: unknown }, false),
    TSImportType: (node) => add(node.source, true),
    TSExternalModuleReference: (node) => add(node.expression, false),
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require')
        add((node.arguments[0] ?? null) as { value?: unknown } | null, false)
    },
  }).visit(parse(code).program)
  return found
}

/** A function with a body of its own. */
export interface SourceFunction {
  readonly name: string
  /** From the line where it begins to the one where it ends. */
  readonly lines: number
}

type FunctionNode = { readonly start: number; readonly end: number }

/** Functions, methods and arrow functions, those inside of others too. */
export function functionsOf(code: string): readonly SourceFunction[] {
  const found: SourceFunction[] = []
  const names = new Map<number, string>()
  const lineAt = lineCounter(code)
  const add = ({ start, end }: FunctionNode, name?: string) => {
    const lines = lineAt(end) - lineAt(start) + 1
    found.push({ name: name ?? names.get(start) ?? '(anonymous)', lines })
  }
  new Visitor({
    VariableDeclarator: (node) => {
      if (node.init && node.id.type === 'Identifier') names.set(node.init.start, node.id.name)
    },
    Property: (node) => {
      if (node.key.type === 'Identifier') names.set(node.value.start, node.key.name)
    },
    MethodDefinition: (node) => {
      if (node.key.type === 'Identifier') names.set(node.value.start, node.key.name)
    },
    FunctionDeclaration: (node) => add(node, node.id?.name),
    FunctionExpression: (node) => add(node, node.id?.name),
    ArrowFunctionExpression: (node) => add(node),
  }).visit(parse(code).program)
  return found
}

/** The names of variables and properties that the code reads, such as `process` or `Date.now`. */
export function namesIn(code: string): ReadonlySet<string> {
  const names = new Set<string>()
  new Visitor({
    Identifier: (node) => {
      names.add(node.name)
    },
    MemberExpression: (node) => {
      const { object, property } = node
      if (object.type === 'Identifier' && property.type === 'Identifier')
        names.add(`${object.name}.${property.name}`)
    },
  }).visit(parse(code).program)
  return names
}

/** The comments of a file; `//` lines below one another are one comment. */
export function commentsOf(code: string): readonly string[] {
  const found: { text: string; end: number; isLine: boolean }[] = []
  for (const { type, value, start, end } of parse(code).comments) {
    const isLine = type === 'Line'
    const last = found.at(-1)
    const goesOn = isLine && last?.isLine && /^\n[ \t]*$/.test(code.slice(last.end, start))
    const text = value.replace(/^\*/, '').replace(/\n[ \t]*\* ?/g, '\n')
    if (goesOn) Object.assign(last, { text: `${last.text}\n${text}`, end })
    else found.push({ text, end, isLine })
  }
  return found.map(({ text }) => text)
}

/** The texts in quotes; `X` stands for each value in a template. */
export function stringsOf(code: string): readonly string[] {
  const found: string[] = []
  new Visitor({
    Literal: ({ value }) => {
      if (typeof value === 'string') found.push(value)
    },
    TemplateLiteral: (node) => {
      found.push(nameIn(node) ?? '')
    },
  }).visit(parse(code).program)
  return found
}

/** The names that a file gives to its tests and to groups of them. */
export function testNamesOf(code: string): readonly string[] {
  const found: string[] = []
  new Visitor({
    CallExpression: ({ callee, arguments: [name] }) => {
      const text = name && nameIn(name)
      if (text !== undefined && /^(?:test|describe)\b/.test(code.slice(callee.start, callee.end)))
        found.push(text)
    },
  }).visit(parse(code).program)
  return found
}

function nameIn(node: object): string | undefined {
  const { value, quasis } = node as { value?: unknown; quasis?: { value: { cooked?: string } }[] }
  if (quasis !== undefined) return quasis.map((each) => each.value.cooked ?? '').join('X')
  return typeof value === 'string' ? value : undefined
}

function parse(code: string): ParseResult {
  const result = parseSync('source.ts', code)
  if (result.errors.length > 0) throw new Error(result.errors.map(({ message }) => message).join('\n'))
  return result
}

function kindOf(specifier: object): string | undefined {
  const { importKind, exportKind } = specifier as { importKind?: string; exportKind?: string }
  return importKind ?? exportKind
}

function lineCounter(code: string): (offset: number) => number {
  const starts = [0]
  for (let at = code.indexOf('\n'); at !== -1; at = code.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low
  }
}
