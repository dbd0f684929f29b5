import { type Check, fail, pass } from '../../lab/check.ts'
import type { Finding } from '../../lab/finding.ts'
import type { Laptop } from '../../lab/ports/laptop.ts'
import type { Looks } from '../evidence.ts'

const CLOCK_MS = 5 * 60_000

export const clock: Check<Looks<'clockOffset'>> = {
  id: 'clock',
  title: 'This machine’s clock is within 5 minutes of AWS’s',
  needs: [],
  async examine({ clockOffset, lab }) {
    const offsetMs = await clockOffset()
    return Math.abs(offsetMs) < CLOCK_MS ? pass() : fail(clockOff(offsetMs, lab.laptop))
  },
}

function clockOff(offsetMs: number, { setClock }: Laptop): Finding {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000)
  return {
    what: `This machine’s clock is ${minutes} minutes ${offsetMs > 0 ? 'slow' : 'fast'}.`,
    why: 'Every request carries its time, and AWS refuses what is more than 15 minutes off as expired or forged. Some tools correct themselves, as flasklab does; the aws command line may not.',
    remedy: { say: 'Set the clock by the network.', run: setClock },
  }
}
