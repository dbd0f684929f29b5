import { set } from '../../lab/command.ts'
import { commandLines } from '../../lab/command-text.ts'
import type { LaptopStatus, PracticeStatus } from '../../world/practice-cloud.ts'

export function practiceText(status: PracticeStatus): string {
  if (!status.running) return 'The practice cloud does not run. "flasklab practice start" starts it.'
  return [
    `The practice cloud runs at ${status.endpoint} (process ${status.pid}).`,
    `It holds ${count(status.instances, 'server')} and ${count(status.databases, 'database')}.`,
    status.kept ? 'It runs until "flasklab practice stop".' : 'It stops when its last lab is cleaned up.',
    'eval "$(flasklab practice env)" lets the aws command line talk to it.',
  ].join('\n')
}

export function laptopText({ address, clockOffsetSeconds: off, credentials }: LaptopStatus): string {
  const clock = off === 0 ? 'right' : `${Math.abs(off)} s ${off > 0 ? 'fast' : 'slow'}`
  return [
    'Your laptop, as the practice cloud sees it:',
    `  address      ${address}`,
    `  clock        ${clock}`,
    `  credentials  ${credentials}`,
    'After --new-credentials a shell needs eval "$(flasklab practice env)" again.',
  ].join('\n')
}

export function envText(variables: Readonly<Record<string, string>>): string {
  return commandLines([set(variables)]).join('\n')
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
