import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { aws, flasklab } from '../../src/lab/command.ts'
import type { Finding } from '../../src/lab/finding.ts'
import { renderFinding } from '../../src/terminal/render-finding.ts'
import { createTheme } from '../../src/terminal/theme.ts'

const describeGroups = aws('eu-central-1', 'ec2', 'describe-security-groups', {
  filters: { Name: 'tag:flasklab:lab', Values: '0a1b2c3d4e' },
})
const command =
  'aws ec2 describe-security-groups --filters Name=tag:flasklab:lab,Values=0a1b2c3d4e --region eu-central-1'
const finding: Finding = {
  what: 'The server i-0a1b2c3d4e5f60718 does not answer SSH at 203.0.113.7 (Timed out while waiting for handshake).',
  why: 'If it runs, something drops the packets:\nthe rule for port 22 may be for another address than yours.',
  remedy: { say: 'Run it again, which allows your present address.', run: [flasklab('up'), describeGroups] },
}

function render(columns: number, one: Finding = finding): string {
  return renderFinding(one, createTheme({ columns }, {}))
}

test('at 80 columns a finding reads like this', () => {
  expect(render(80)).toBe(
    [
      '✖ The server i-0a1b2c3d4e5f60718 does not answer SSH at 203.0.113.7 (Timed out',
      '  while waiting for handshake).',
      '  If it runs, something drops the packets:',
      '  the rule for port 22 may be for another address than yours.',
      '',
      '  Run it again, which allows your present address.',
      '    flasklab up',
      `    ${command}`,
      '',
    ].join('\n'),
  )
})

test.each([40, 80, 100])(
  'at %i columns no prose is wider, and each command is whole on its line',
  (columns) => {
    const lines = render(columns).split('\n')
    const commands = lines.filter((line) => line.startsWith('    '))
    expect(commands).toEqual(['    flasklab up', `    ${command}`])
    const prose = lines.filter((line) => !commands.includes(line))
    expect(prose.filter((line) => line.length > columns)).toEqual([])
    expect(prose.join(' ').replace(/\s+/g, ' ').trim()).toBe(
      `✖ ${finding.what} ${finding.why?.replace('\n', ' ')} ${finding.remedy.say}`,
    )
  },
)

test('a finding without a cause or commands leaves no gap for them', () => {
  expect(render(80, { what: 'It broke.', remedy: { say: 'Mend it.' } })).toBe('✖ It broke.\n\n  Mend it.\n')
})

test('colour adds nothing but colour', () => {
  const coloured = renderFinding(finding, createTheme({ columns: 80 }, { FORCE_COLOR: '1' }))
  expect(coloured).toContain('\u001B[31m✖')
  expect(stripVTControlCharacters(coloured)).toBe(render(80))
})

test('without unicode a finding is plain ASCII', () => {
  const text = renderFinding(
    { what: 'It broke.', remedy: { say: 'Mend it.' } },
    createTheme({}, { TERM: 'dumb' }),
  )
  expect(text).toBe('x It broke.\n\n  Mend it.\n')
})
