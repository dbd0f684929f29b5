import type { Lab } from './lab.ts'
import type { Kit } from './ports/kit.ts'

/** One of the handout's eight: establishes a fact from facts that are there before. */
export interface Phase<Fact extends keyof Lab = keyof Lab, Needs extends keyof Lab = keyof Lab, Tools = Kit> {
  readonly id: string
  readonly fact: Fact
  /** The phase's name for the student: "Launch the EC2 server". */
  readonly title: string
  /** Why the lab needs this, in a sentence or two. */
  readonly lesson: string
  readonly needs: readonly Needs[]
  /** The fact if it is true and complete; looks and changes nothing. */
  find(lab: Pick<Lab, Needs>, kit: Tools): Promise<Lab[Fact] | undefined>
  /** Makes the fact true, from whatever part of it is there. */
  make(lab: Pick<Lab, Needs>, kit: Tools): Promise<Lab[Fact]>
  /**
   * Begins early what takes long; called once the network is known, after consent. Tells whether there was anything to
   * begin. `number`: the phase's own.
   */
  start?(lab: Pick<Lab, 'network'>, kit: Tools, number: number): Promise<boolean>
  /** One line about the fact, with the ids that the student sees in the console. */
  describe(fact: Lab[Fact]): string
}

/** As it stands in a list. */
export type NumberedPhase<Tools = Kit> = Phase<keyof Lab, keyof Lab, Tools> & {
  /** Its place in the list. */
  readonly number: number
}

/**
 * The list forgets which facts each phase needs and makes: methods are bivariant, so the order of the list is what the
 * types no longer guard, and a test does.
 */
export function numbered<Tools>(
  phases: readonly Phase<keyof Lab, keyof Lab, Tools>[],
): readonly NumberedPhase<Tools>[] {
  return phases.map((phase, index) => ({ ...phase, number: index + 1 }))
}
