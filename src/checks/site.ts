import { type Check, fail, pass, skip } from '../lab/check.ts'
import { expectFound } from '../lab/expect-found.ts'
import type { Finding } from '../lab/finding.ts'
import { withFullStop } from '../lab/text.ts'
import { siteOf } from '../phases/7-run-application.ts'
import { testLogin } from '../phases/login-probe.ts'
import { changedFiles, notAsPut, ORIGINAL_AGAIN } from './changed-files.ts'
import type { Evidence } from './evidence.ts'
import { ending } from './service.ts'

const siteReachable: Check<Evidence> = {
  id: 'site-reachable',
  title: 'The site opens from here',
  needs: ['app-health', 'web-ingress'],
  async examine(evidence) {
    const { page, server, kit } = evidence
    const { url } = await siteOf((await expectFound(server())).address ?? '', kit)
    const answer = await page().catch((error: Error) => error.message)
    if (typeof answer !== 'string' && answer.status === 200) return pass(whereItIs(url))
    // An answer is no matter of the way.
    if (typeof answer !== 'string' && !kit.isHandmade)
      return fail(await otherPage(url, answer.status, evidence))
    return fail({
      what: `${url} does not show the site (${typeof answer === 'string' ? answer : `status ${answer.status}`}).`,
      why: 'On the server it works, and the rules let you in. Type http:// and not https://: the site has no certificate, and a browser that insists on one finds nothing.',
      remedy: {
        say: 'Choose "Continue to site" where the browser warns. If it times out, try another network: many block port 5000.',
        run: [`curl -sS -o /dev/null -w '%{http_code}\\n' ${url}/`],
      },
    })
  },
}

/** Told at the doctor's end, too: an old address in a browser is no fault of the lab's. */
function whereItIs(url: string): string {
  return `The site is at ${url} (http, not https: use no real password there). The address changes when the server is stopped and started.`
}

async function otherPage(url: string, status: number, evidence: Evidence): Promise<Finding> {
  return {
    what: `${url} answers with status ${status} instead of the start page.`,
    ...(await inTheApp('The app is well by its own account, and answers.', evidence)),
  }
}

/** What files and journal tell of an app that answers, and not as it should. */
async function inTheApp(why: string, evidence: Evidence): Promise<Omit<Finding, 'what'>> {
  const [changed, answers] = await Promise.all([changedFiles(evidence), evidence.serviceNow()])
  const files = changed.length === 0 ? 'Its files are as the lab put them there.' : notAsPut(changed)
  return {
    why: `${why} ${files}${ending(answers)}`,
    remedy:
      changed.length === 0
        ? { say: 'Mend what its journal names; this shows more of it.', run: ['flasklab logs'] }
        : ORIGINAL_AGAIN,
  }
}

const loginWorks: Check<Evidence> = {
  id: 'login-works',
  title: 'Registering and logging in work',
  needs: ['app-health', 'web-ingress', 'site-reachable'],
  async examine(evidence) {
    const { server, database, sql, kit } = evidence
    const [its, theirs] = [await expectFound(server()), await expectFound(database())]
    if (kit.isHandmade) return skip('not tried, as its user could not be removed: try it in a browser')
    if (theirs.endpoint === undefined) return pass()
    const site = await siteOf(its.address ?? '', kit)
    const { steps } = await testLogin(
      {
        server: { id: its.id, address: its.address ?? '', vpcId: its.vpcId, groupIds: its.groupIds },
        database: {
          id: theirs.id,
          endpoint: theirs.endpoint,
          vpcId: theirs.vpcId,
          groupIds: theirs.groupIds,
        },
        site,
      },
      kit,
      () => sql('master'),
    )
    const failed = steps.find((step) => !step.passed)
    if (failed === undefined) return pass()
    return fail({
      what: `The test of the login failed at "${failed.id}".`,
      ...(await inTheApp(withFullStop(failed.detail), evidence)),
    })
  },
}

export const siteChecks = [siteReachable, loginWorks]
