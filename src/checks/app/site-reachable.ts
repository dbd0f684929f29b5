import { type Check, fail, pass } from '../../lab/check.ts'
import { program } from '../../lab/command.ts'
import type { Finding } from '../../lab/finding.ts'
import type { Looks } from '../evidence.ts'
import { type InsideLooks, insideTheApp } from './inside-the-app.ts'

export const siteReachable: Check<InsideLooks & Looks<'page' | 'siteUrl'>> = {
  id: 'site-reachable',
  title: 'The site opens from here',
  needs: ['app-health', 'web-ingress'],
  async examine(evidence) {
    const { page, siteUrl, lab } = evidence
    const url = await siteUrl()
    const answer = await page().catch((error: Error) => error.message)
    if (typeof answer !== 'string' && answer.status === 200) return pass(whereItIs(url))
    // An answer is no matter of the way.
    if (typeof answer !== 'string' && !lab.isHandmade)
      return fail(await otherPage(url, answer.status, evidence))
    return fail({
      what: `${url} does not show the site (${typeof answer === 'string' ? answer : `status ${answer.status}`}).`,
      why: 'On the server it works, and the rules let you in. Type http:// and not https://: the site has no certificate, and a browser that insists on one finds nothing.',
      remedy: {
        say: 'Choose "Continue to site" where the browser warns. If it times out, try another network: many block port 5000.',
        run: [program('curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}\\n', `${url}/`)],
      },
    })
  },
}

/** Told at the doctor's end, too: an old address in a browser is no fault of the lab's. */
function whereItIs(url: string): string {
  return `The site is at ${url} (http, not https: use no real password there). The address changes when the server is stopped and started.`
}

async function otherPage(url: string, status: number, evidence: InsideLooks): Promise<Finding> {
  return {
    what: `${url} answers with status ${status} instead of the start page.`,
    ...(await insideTheApp('The app is well by its own account, and answers.', evidence)),
  }
}
