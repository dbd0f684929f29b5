import { type Check, fail, pass, skip } from '../lab/check.ts'
import type { Finding } from '../lab/finding.ts'
import { handout } from '../lab/lab.ts'
import { siteOf } from '../phases/7-run-application.ts'
import { testLogin } from '../phases/login-test.ts'
import { PROJECT_AGAIN } from './project-again.ts'
import type { Sight } from './sight.ts'
import { there } from './there.ts'

const siteReachable: Check<Sight> = {
  id: 'site-reachable',
  title: 'The site opens from here',
  needs: ['app-health', 'web-ingress'],
  async examine({ page, server, kit }) {
    const { url } = await siteOf((await there(server())).address ?? '', kit)
    const answer = await page().catch((error: Error) => error.message)
    if (typeof answer !== 'string' && answer.status === 200) return pass(whereItIs(url))
    // An answer is no matter of the way.
    if (typeof answer !== 'string' && !kit.isHandmade) return fail(otherPage(url, answer.status))
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

function otherPage(url: string, status: number): Finding {
  return {
    what: `${url} answers with status ${status} instead of the start page.`,
    why: 'The app is well by its own account, and answers: so its code or its pages have been changed.',
    remedy: {
      say: `See what the app wrote. These put the original project back (yours is kept as ${handout.project}.old).`,
      run: ['flasklab logs', ...PROJECT_AGAIN],
    },
  }
}

const loginWorks: Check<Sight> = {
  id: 'login-works',
  title: 'Registering and logging in work',
  needs: ['app-health', 'web-ingress', 'site-reachable'],
  async examine({ server, database, sql, kit }) {
    const [its, theirs] = [await there(server()), await there(database())]
    if (kit.isHandmade) return skip('the test user could not be removed: try it in a browser')
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
      why: failed.detail,
      remedy: {
        say: `See what the app wrote. If you changed the project, these put the original back (yours is kept as ${handout.project}.old).`,
        run: ['flasklab logs', ...PROJECT_AGAIN],
      },
    })
  },
}

export const siteChecks = [siteReachable, loginWorks]
