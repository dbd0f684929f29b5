import { aws, flasklab } from '../../lab/command.ts'
import type { Finding } from '../../lab/finding.ts'
import type { ExaminedLab } from '../evidence.ts'

/** The way out where nobody can enter a server any more: all that it holds, the phases put on another one. */
export function replaceServerRemedy(
  id: string,
  { isHandmade, region }: ExaminedLab,
  first = '',
): Finding['remedy'] {
  const say = `${first}Terminate the server and launch another one, with a key of its own. The database and what is stored in it stay.`
  // flasklab would not know how to make again a server that it has not made.
  if (isHandmade) return { say }
  return {
    say,
    run: [aws(region, 'ec2', 'terminate-instances', { 'instance-ids': id }), flasklab('up')],
  }
}
