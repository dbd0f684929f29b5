import { breakLab } from '../drills/break.ts'
import { chooseDrill, listDrills } from '../drills/choose.ts'
import { giveHint } from '../drills/hint.ts'
import { confirmSolved, drilledLab, solveDrill } from '../drills/solve.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { onPractice } from './practice-findings.ts'
import { type DrillGround, drillShelf, workshopFor } from './workshop.ts'

/** The drills, with the labs of one home to plant them in. */
export function openDrills(ground: DrillGround) {
  const shelf = drillShelf(ground.home)
  return {
    list: listDrills,
    choose: chooseDrill,
    hint: () => giveHint(shelf),
    drilledLab: () => drilledLab(shelf),
    /** The commands that work on a drill in this lab. */
    within(kit: Kit) {
      const workshop = workshopFor(kit, ground)
      return {
        break: (drill: ReturnType<typeof chooseDrill>) => onPractice(() => breakLab(drill, workshop)),
        solve: () => onPractice(() => solveDrill(workshop)),
        confirmSolved: () => onPractice(() => confirmSolved(workshop)),
      }
    },
  }
}
