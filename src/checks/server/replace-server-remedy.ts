import type { Finding } from '../../lab/finding.ts'
import { inRegion } from '../../lab/in-region.ts'
import type { Kit } from '../../lab/ports/kit.ts'

/** The way out where nobody can enter a server any more: all that it holds, the phases put on another one. */
export function replaceServerRemedy(id: string, kit: Kit, first = ''): Finding['remedy'] {
  const say = `${first}Terminate the server and launch another one, with a key of its own. The database and what is stored in it stay.`
  // What flasklab has not made, it would not know how to make again.
  if (kit.isHandmade) return { say }
  return {
    say,
    run: [`aws ec2 terminate-instances --instance-ids ${id}${inRegion(kit)}`, 'flasklab up'],
  }
}
