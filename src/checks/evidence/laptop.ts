import type { Kit } from '../../lab/ports/kit.ts'
import { once } from './once.ts'

export type LaptopLooks = ReturnType<typeof laptopLooks>

/** Looks at the student's own machine. */
export function laptopLooks({ keys }: Pick<Kit, 'keys'>) {
  return {
    /** The file in the place of the lab's private key. */
    privateKey: once(async () => keys.look()),
  }
}
