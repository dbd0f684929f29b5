import type { Lab } from '../lab/lab.ts'
import { type NumberedPhase, numbered } from '../lab/phase.ts'
import { launchInstance } from './1-launch-instance.ts'
import { installDependencies } from './2-install-dependencies.ts'
import { createProject } from './3-create-project.ts'
import { createDatabase } from './4-create-database.ts'
import { verifyGroups } from './5-verify-groups.ts'
import { createSchema } from './6-create-schema.ts'
import { runApplication } from './7-run-application.ts'
import { testTheLogin } from './8-test-login.ts'

/** The handout's eight phases. Each needs only facts of earlier ones. */
export const phasesInOrder: readonly NumberedPhase[] = numbered([
  launchInstance,
  installDependencies,
  createProject,
  createDatabase,
  verifyGroups,
  createSchema,
  runApplication,
  testTheLogin,
])

/** For whoever tells which phase makes a fact. */
export function phaseNumber(
  fact: keyof Lab,
  phases: readonly Pick<NumberedPhase, 'fact'>[] = phasesInOrder,
): number {
  return 1 + phases.findIndex((phase) => phase.fact === fact)
}
