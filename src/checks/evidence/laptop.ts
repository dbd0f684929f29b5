import type { Kit } from '../../lab/ports/kit.ts'
import { once } from './once.ts'

export type LaptopLooks = ReturnType<typeof laptopLooks>

/** What lies on the student's own machine. */
export function laptopLooks({ keys }: Pick<Kit, 'keys'>) {
  return {
    /** What lies where the lab's private key should. */
    privateKey: once(async () => keys.look()),
  }
}
