import { commandLines } from '../lab/command-text.ts'
import type { Finding } from '../lab/finding.ts'
import { type Theme, wrap } from './theme.ts'

/** Writes the fault, its cause and its remedy; commands stand alone on their lines, to be copied whole. */
export function renderFinding(finding: Finding, { ink, symbols, width, shell }: Theme): string {
  const [first = '', ...rest] = wrap(finding.what, width, '  ').slice(2).split('\n')
  const what = [`${ink.red(symbols.failed)} ${ink.bold(first)}`, ...rest.map((line) => ink.bold(line))]
  const why = finding.why ? [wrap(finding.why, width, '  ')] : []
  const commands = commandLines(finding.remedy.run ?? [], shell).map((command) => `    ${ink.cyan(command)}`)
  return [...what, ...why, '', wrap(finding.remedy.say, width, '  '), ...commands, ''].join('\n')
}
