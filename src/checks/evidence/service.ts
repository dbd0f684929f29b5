import { askHealth, readHealth } from '../../host/commands.ts'
import {
  readListeners,
  readServiceSurvey,
  type ServiceSurvey,
  surveyListeners,
  surveyService,
} from '../../host/service-survey.ts'
import { handout } from '../../lab/lab.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import type { Entry } from './entry.ts'
import { once } from './once.ts'

/** How long an app on a small server takes to listen, once it is started. */
const START_MS = 2_000

export type ServiceLooks = ReturnType<typeof serviceLooks>

/** Looks at the app as it runs on the server. */
export function serviceLooks({ clock }: Pick<Kit, 'clock'>, entry: Pick<Entry, 'run'>) {
  const serviceNow = async () => readServiceSurvey((await entry.run(surveyService, 10_000)).stdout)
  const service = once(async () => {
    const seen = await serviceNow()
    if (!isStarting(seen)) return seen
    await clock.sleep(START_MS)
    return sinceThen(seen, await serviceNow())
  })
  const healthNow = async () => readHealth(await entry.run(askHealth('node-22'), 8_000))
  return {
    service,
    /** The same, with what the journal says by now. */
    serviceNow,
    /** Who listens on the site's port. */
    listeners: once(async () => readListeners((await entry.run(surveyListeners, 10_000)).stdout)),
    /** The app's answer about itself, asked on its own server. */
    health: once(async () => {
      const seen = await healthNow()
      // An app that was just started may not have been able to answer yet when it was asked ahead.
      if (seen.code === 0) return seen
      await service()
      return healthNow()
    }),
  }
}

/** Up, but not listening yet: as in the second after its start. */
function isStarting({ state, listening }: ServiceSurvey): boolean {
  const isUp = state === 'active' || state === 'activating'
  return isUp && !listening.some((address) => address.endsWith(`:${handout.sitePort}`))
}

/** Up in the second look, but as another process: between two crashes it is up for a moment. */
function sinceThen(before: ServiceSurvey, now: ServiceSurvey): ServiceSurvey {
  if (!isStarting(now) || before.pid === now.pid) return now
  return { ...now, state: 'activating' }
}
