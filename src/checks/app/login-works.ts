import { type Check, fail, pass, skip } from '../../lab/check.ts'
import { withFullStop } from '../../lab/text.ts'
import type { Looks } from '../evidence.ts'
import { type InsideLooks, insideTheApp } from './inside-the-app.ts'

export const loginWorks: Check<InsideLooks & Looks<'loginTest'>> = {
  id: 'login-works',
  title: 'Registering and logging in work',
  needs: ['app-health', 'web-ingress', 'site-reachable'],
  async examine(evidence) {
    if (evidence.lab.isHandmade)
      return skip('not tried, as its user could not be removed: try it in a browser')
    const failed = (await evidence.loginTest()).find((step) => !step.passed)
    if (failed === undefined) return pass()
    return fail({
      what: `The test of the login failed at "${failed.id}".`,
      ...(await insideTheApp(withFullStop(failed.detail), evidence)),
    })
  },
}
