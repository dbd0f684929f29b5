import type { RegionState } from '../state.ts'
import { type Destination, type Source, verdict } from './evaluate-connection.ts'

export interface PortRange {
  readonly from: number
  readonly to: number
}

const HIGHEST_PORT = 65_535

/**
 * The ports on which the present rules let a new connection through, in ascending ranges. `verdict` alone decides: it is
 * asked once for each stretch of ports that no rule tells apart.
 */
export function openPorts(
  region: RegionState,
  source: Source,
  destinationOn: (port: number) => Destination,
): readonly PortRange[] {
  const begins = stretches(region)
  const open: PortRange[] = []
  for (const [index, from] of begins.entries()) {
    if (!verdict(region, source, destinationOn(from)).passes) continue
    const to = (begins[index + 1] ?? HIGHEST_PORT + 1) - 1
    const last = open.at(-1)
    if (last?.to === from - 1) open[open.length - 1] = { from: last.from, to }
    else open.push({ from, to })
  }
  return open
}

/** Where the stretches of ports begin. */
function stretches({ groups, networkAcls }: RegionState): number[] {
  const edges = [
    ...groups.flatMap(({ rules }) => rules),
    ...networkAcls.flatMap(({ entries }) => entries),
  ].flatMap(({ fromPort = 0, toPort = HIGHEST_PORT }) => [fromPort, toPort + 1])
  const inRange = edges.filter((port) => port > 1 && port <= HIGHEST_PORT)
  return [1, ...new Set(inRange)].sort((one, other) => one - other)
}
