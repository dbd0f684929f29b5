import type { Status, Stock } from '../../commands/status.ts'
import { type Program, program } from '../../lab/command.ts'
import { handout } from '../../lab/lab.ts'
import { utc } from '../../lab/utc.ts'
import type { Paper } from '../paper.ts'
import { table } from '../table.ts'
import { costLine } from './cost-line.ts'

/** `bills`: whether anybody asks money for it. */
export function statusText(stock: Stock, bills: boolean, { width, typed }: Paper): string {
  const { status, others } = stock
  return [
    `Lab "${status.lab}" on ${status.target}, ${status.region}`,
    ...phaseLines(stock),
    ...table(partRows(stock, bills, typed), { columns: [{ width: 8 }, {}], gap: 2, indent: 0, width }),
    ...(others.length > 0 ? [`Other labs here, for --lab: ${others.join(', ')}`] : []),
  ].join('\n')
}

function phaseLines({ status: { phases }, unknown, blocked }: Stock): string[] {
  const broken = phases.find((phase) => !phase.done && !unknown.has(phase.id))
  const mark = (phase: (typeof phases)[number]) =>
    phase.done ? '[x]' : unknown.has(phase.id) ? '[?]' : '[ ]'
  return [
    ...phases.map((phase) => `  ${mark(phase)} ${phase.number}. ${phase.title}`),
    ...(unknown.size > 0 && broken
      ? [`  [?] can't be looked at before phase ${broken.number} is done: "flasklab up" does it.`]
      : []),
    ...(blocked
      ? [`  [?] can't be looked at: ${blocked.what}`, '  "flasklab doctor" tells what to do.']
      : []),
  ]
}

/** The parts of the lab beside its phases, each under a word; further lines have none. */
function partRows(stock: Stock, bills: boolean, typed: Paper['typed']): string[][] {
  const { status, cost, ending, lost, expires, knownHostsFile } = stock
  const { server, database, site } = status
  return [
    ['Server', server ? `${server.id} (${server.state})` : 'none'],
    ...(server?.address
      ? typed([sshCommand(server, server.address, knownHostsFile)]).map((line) => ['', line])
      : []),
    ['Database', database ? `${database.id} (${database.state})` : 'none'],
    ...(database?.endpoint
      ? [['', `${database.endpoint.host}:${database.endpoint.port}, from the server only`]]
      : []),
    ['Site', site?.url ?? 'does not answer'],
    ['Cost', costLine(cost, bills)],
    ...(expires === undefined ? [] : [['Deadline', utc(expires)]]),
    ...(lost.length > 0
      ? [
          ['Lost', `${lost.join(', ')}: no longer tagged as the lab’s, and costs beside that;`],
          ['', '"flasklab doctor" says how it gets its tags back'],
        ]
      : []),
    ...(ending.length > 0 ? [['Ending', ending.join(', ')]] : []),
  ]
}

/** By the lab's own known hosts: in the student's, the address may stand for somebody else's former server. */
function sshCommand(
  { id, keyFile, sshPort }: NonNullable<Status['server']>,
  address: string,
  knownHostsFile: string,
): Program {
  // Given by -i, a file is looked for as it is written and read with its tokens replaced.
  const key = keyFile.includes('%') ? ['-o', `IdentityFile=${quotedForSsh(keyFile)}`] : ['-i', keyFile]
  const known = `UserKnownHostsFile=${quotedForSsh(knownHostsFile)}`
  const given = ['IdentitiesOnly=yes', known, `HostKeyAlias=${id}`].flatMap((option) => ['-o', option])
  return program('ssh', ...key, ...given, '-p', `${sshPort}`, `${handout.sshUser}@${address}`)
}

/** A path in OpenSSH's configuration: there %h is the host's name, and a space separates two files. */
function quotedForSsh(path: string): string {
  const plain = path.replaceAll('%', '%%')
  return /[\s"']/.test(plain) ? `"${plain.replaceAll('"', '\\"')}"` : plain
}
