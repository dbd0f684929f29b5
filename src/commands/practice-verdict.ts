import type { Kit } from '../lab/ports.ts'
import { forgetPlanted, type Planted, readPlanted } from '../practice/drills/planted.ts'
import { type Diagnosis, doctor } from './doctor.ts'

/** What the doctor and test-login say of a drill: nothing that gives its cause away. */
export type DrillState = 'mended' | 'planted'

/**
 * Whether the drill of this lab is mended, undefined where none is planted. A drill that is mended is over: the next
 * one can be planted.
 */
export function judgeDrill(diagnosis: Diagnosis, kit: Kit, home: string): DrillState | undefined {
  const planted = plantedIn(kit, home)
  if (planted === undefined) return undefined
  const status = diagnosis.checks.find((check) => check.id === planted.cause)?.status
  if (status !== 'pass' && status !== 'warn') return 'planted'
  forgetPlanted(home)
  return 'mended'
}

/** After a test of the login: only the doctor can tell, and only where the test has passed is it worth asking. */
export async function judgeDrillAfterTest(
  passed: boolean,
  kit: Kit,
  home: string,
): Promise<DrillState | undefined> {
  if (plantedIn(kit, home) === undefined) return undefined
  return passed ? judgeDrill(await doctor({ fix: false }, kit), kit, home) : 'planted'
}

/** What cleaning up the lab leaves of its drill, as a step for afterwards. */
export function afterCleanup(kit: Kit, home: string): () => Promise<void> {
  const planted = plantedIn(kit, home)
  if (planted === undefined) return async () => {}
  return async () => {
    const { takeBack } = await import('./practice-drills.ts')
    await takeBack(planted, kit, home)
    forgetPlanted(home)
  }
}

export function drillText(state: DrillState | undefined): string {
  if (state === undefined) return ''
  return state === 'mended'
    ? '\n\nThe drill is mended. "flasklab practice break" plants another one.'
    : '\n\nThe drill is not mended yet. "flasklab practice hint" gives a hint.'
}

function plantedIn(kit: Kit, home: string): Planted | undefined {
  const planted = readPlanted(home)
  return planted?.labId === kit.record.value.id ? planted : undefined
}
