import { breakLab } from '../drills/break.ts'
import { chooseDrill, listDrills } from '../drills/choose.ts'
import { giveHint } from '../drills/hint.ts'
import { confirmSolved, drilledLab, solveDrill } from '../drills/solve.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { onPractice } from './practice-findings.ts'
import { drillShelf, type Examine, workshopFor } from './workshop.ts'

/** The drills, with the labs of one home to plant them in. */
export function openDrills(home: string, examine: Examine) {
  const shelf = drillShelf(home)
  const workshop = (kit: Kit) => workshopFor(kit, home, examine)
  return {
    list: listDrills,
    choose: chooseDrill,
    break: (drill: ReturnType<typeof chooseDrill>, kit: Kit) =>
      onPractice(() => breakLab(drill, workshop(kit))),
    hint: () => giveHint(shelf),
    drilledLab: () => drilledLab(shelf),
    solve: (kit: Kit) => onPractice(() => solveDrill(workshop(kit))),
    confirmSolved: (kit: Kit) => onPractice(() => confirmSolved(workshop(kit))),
  }
}
