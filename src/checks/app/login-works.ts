import { type Check, fail, pass, skip } from '../../lab/check.ts'
import { expectFound } from '../../lab/expect-found.ts'
import { withFullStop } from '../../lab/text.ts'
import { siteOf } from '../../phases/7-run-application.ts'
import { testLogin } from '../../phases/login-probe.ts'
import type { Evidence } from '../evidence.ts'
import { insideTheApp } from './inside-the-app.ts'

export const loginWorks: Check<Evidence> = {
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
      ...(await insideTheApp(withFullStop(failed.detail), evidence)),
    })
  },
}
