import { examine } from './exercise.ts'
import type { Session } from './session.ts'

/** The drills, with the labs of the session's home to plant them in. */
export async function openDrills({ io, home }: Session) {
  const { openDrills: open } = await import('../world/drills.ts')
  return open({ home, env: io.env, examine })
}
