import { type Check, fail, pass, skip } from '../lab/check.ts'
import type { Finding } from '../lab/finding.ts'
import { siteOf } from '../phases/7-run-application.ts'
import { testLogin } from '../phases/login-test.ts'
import { changedFiles, notAsPut, ORIGINAL_AGAIN } from './changed-files.ts'
import { sentence } from './sentence.ts'
import { ending } from './service.ts'
import type { Sight } from './sight.ts'
import { there } from './there.ts'

const siteReachable: Check<Sight> = {
  id: 'site-reachable',
  title: 'The site opens from here',
  needs: ['app-health', 'web-ingress'],
  async examine(sight) {
    const { page, server, kit } = sight
    const { url } = await siteOf((await there(server())).address ?? '', kit)
    const answer = await page().catch((error: Error) => error.message)
    if (typeof answer !== 'string' && answer.status === 200) return pass(whereItIs(url))
    // An answer is no matter of the way.
    if (typeof answer !== 'string' && !kit.isHandmade) return fail(await otherPage(url, answer.status, sight))
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

async function otherPage(url: string, status: number, sight: Sight): Promise<Finding> {
  return {
    what: `${url} answers with status ${status} instead of the start page.`,
    ...(await inTheApp('The app is well by its own account, and answers.', sight)),
  }
}

/** What files and journal tell of an app that answers, and not as it should. */
async function inTheApp(why: string, sight: Sight): Promise<Omit<Finding, 'what'>> {
  const [changed, answers] = await Promise.all([changedFiles(sight), sight.serviceNow()])
  const files = changed.length === 0 ? 'Its files are as the lab put them there.' : notAsPut(changed)
  return {
    why: `${why} ${files}${ending(answers)}`,
    remedy:
      changed.length === 0
        ? { say: 'Mend what its journal names; this shows more of it.', run: ['flasklab logs'] }
        : ORIGINAL_AGAIN,
  }
}

const loginWorks: Check<Sight> = {
  id: 'login-works',
  title: 'Registering and logging in work',
  needs: ['app-health', 'web-ingress', 'site-reachable'],
  async examine(sight) {
    const { server, database, sql, kit } = sight
    const [its, theirs] = [await there(server()), await there(database())]
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
      ...(await inTheApp(sentence(failed.detail), sight)),
    })
  },
}

export const siteChecks = [siteReachable, loginWorks]
