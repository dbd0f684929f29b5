import { type Check, fail, pass } from '../../lab/check.ts'
import type { Finding } from '../../lab/finding.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import type { Evidence } from '../evidence.ts'

const CLOCK_MS = 5 * 60_000

export const clock: Check<Evidence> = {
  id: 'clock',
  title: 'This machine’s clock is within 5 minutes of AWS’s',
  needs: [],
  async examine({ identity, kit }) {
    // Refused or not, the answer carries AWS's time.
    await identity().catch(() => {})
    const { clockOffset } = kit.cloud
    return Math.abs(clockOffset) < CLOCK_MS ? pass() : fail(clockOff(clockOffset, kit))
  },
}

function clockOff(offsetMs: number, kit: Kit): Finding {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000)
  return {
    what: `This machine’s clock is ${minutes} minutes ${offsetMs > 0 ? 'slow' : 'fast'}.`,
    why: 'Every request carries its time, and AWS refuses what is more than 15 minutes off as expired or forged. Some tools correct themselves, as flasklab does; the aws command line may not.',
    remedy: { say: 'Set the clock by the network.', run: kit.laptop.setClock },
  }
}
