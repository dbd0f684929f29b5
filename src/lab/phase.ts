import type { Lab } from './lab.ts'
import type { Kit } from './ports/kit.ts'

/** One of the handout's eight: establishes a fact from facts that are there before. */
export interface Phase<Fact extends keyof Lab = keyof Lab, Needs extends keyof Lab = keyof Lab> {
  readonly number: number
  readonly id: string
  readonly fact: Fact
  /** What the student reads. */
  readonly title: string
  /** Why the lab needs this, in a sentence or two. */
  readonly lesson: string
  readonly needs: readonly Needs[]
  /** The fact if it is true and complete; looks and changes nothing. */
  find(lab: Pick<Lab, Needs>, kit: Kit): Promise<Lab[Fact] | undefined>
  /** Makes the fact true, from whatever part of it is there. */
  make(lab: Pick<Lab, Needs>, kit: Kit): Promise<Lab[Fact]>
  /** Begins early what takes long; called once the network is known, after consent. Whether there was anything to begin. */
  start?(lab: Pick<Lab, 'network'>, kit: Kit): Promise<boolean>
  /** One line about the fact, with the ids that the student sees in the console. */
  describe(fact: Lab[Fact]): string
}

/** Checks a phase against its own fact and needs, and forgets them so that phases fit in one list. */
export function phase<Fact extends keyof Lab, Needs extends keyof Lab = never>(
  it: Phase<Fact, Needs>,
): Phase {
  // Methods are bivariant: the order of the list is what the types no longer guard, and a test does.
  return it as unknown as Phase
}
