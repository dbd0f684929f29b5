import type { Introduction, UpOutcome } from '../../commands/up.ts'
import { type Command, flasklab } from '../../lab/command.ts'
import { handout } from '../../lab/lab.ts'
import { PLAIN_HTTP } from '../../lab/plain-http.ts'
import type { Paper } from '../paper.ts'
import { table } from '../table.ts'
import { priceSentence } from './cost-line.ts'

/** The first lines of `up`. */
export function introductionText(introduction: Introduction): string {
  const { expires } = introduction
  return [
    ...planLines(introduction),
    ...(expires === undefined
      ? []
      : [
          `It is to be gone by ${expires}: after that every command says so, and "flasklab cleanup --expired" deletes it.`,
        ]),
  ].join('\n')
}

function planLines(introduction: Introduction): string[] {
  const { plan, identity, isNew, isDryRun } = introduction
  const { lab, region, phases } = plan
  const headline = `Lab "${lab}" in ${region}, account ${identity.account}, as ${identity.arn}`
  if (isNew) return [headline, '', ...newPlanLines(introduction)]
  if (!isDryRun) return [headline]
  return [
    headline,
    '',
    ...phases.map((phase) => `  ${phase.done ? '[x]' : '[ ]'} ${phase.number}. ${phase.title}`),
  ]
}

function newPlanLines({ plan: { region, server, database, phases } }: Introduction): string[] {
  return [
    ...phases.map((phase) => `  ${phase.number}. ${phase.title}`),
    '',
    `It makes the server ${server} (${handout.serverType}), the database ${database} (${handout.databaseClass}, MySQL 8.4, ${handout.databaseGb} GB), three security groups, a subnet group and a key pair. ${priceSentence(region)}`,
    PLAIN_HTTP,
  ]
}

/** The last lines of `up`. */
export function upText(outcome: UpOutcome, { width, typed }: Paper): string {
  if ('plan' in outcome) return 'Nothing was made.'
  const missing = outcome.phases.find((phase) => !phase.done)
  if (missing) {
    return `Stopped before phase ${missing.number}. Everything made so far stays, and on AWS it costs: "flasklab up" goes on, "flasklab cleanup" deletes it.`
  }
  return [
    '',
    `The lab is up: ${outcome.site?.url}`,
    '',
    'A browser may warn about a site without encryption: choose "Continue to site".',
    'Next:',
    ...table(
      NEXT.map(([command, what]) => [typed([command]).join('; '), what]),
      { columns: [{}, {}], gap: 3, indent: 2, width },
    ),
  ].join('\n')
}

const NEXT: readonly (readonly [Command, string])[] = [
  [flasklab('test-login'), 'registers and logs in a test user, and reads its row'],
  [flasklab('ssh'), 'a shell on the server; "mysql" there opens the database'],
  [flasklab('logs'), 'what the app writes'],
  [flasklab('status'), 'what there is'],
  [flasklab('cleanup'), 'deletes everything'],
]
