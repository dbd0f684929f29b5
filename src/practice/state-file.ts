import { isIPv4 } from 'node:net'
import { writeWhole } from '../formats/write-whole.ts'
import type { Places } from './paths.ts'
import type { CloudState, RegionState } from './state.ts'
import { isPort, isRecord, readStored } from './stored-file.ts'

/** The saved state of the cloud, or, at its first start, an empty one. */
export function readState({ stateFile }: Places): CloudState {
  const stored = readStored<CloudState>({
    file: stateFile,
    holds: 'what it remembers',
    flaw,
    withoutIt: 'the practice cloud begins anew, without the servers and databases that it had',
  })
  return (
    stored ?? { version: 1, account: '123456789012', laptopAddress: '203.0.113.7', regions: {}, ports: {} }
  )
}

export function writeState({ stateFile }: Places, state: CloudState): void {
  writeWhole(stateFile, JSON.stringify(state, undefined, 1))
}

const AGAIN_MS = 1_000

/**
 * Saves, and tells whether that worked. It tries again until a failed save succeeds: the disk is behind the cloud
 * for no longer than it must be.
 */
export function createSaver(write: () => void, log: (line: string) => void): () => boolean {
  let again: NodeJS.Timeout | undefined
  return function save() {
    const hadFailed = again !== undefined
    clearTimeout(again)
    again = undefined
    try {
      write()
      if (hadFailed) log('what it remembers is saved again')
      return true
    } catch (error) {
      if (!hadFailed) log(`what it remembers could not be saved: ${error}`)
      again = setTimeout(save, AGAIN_MS)
      return false
    }
  }
}

function flaw({ account, laptopAddress, laptopClockMs, regions, ports, ...rest }: Record<string, unknown>) {
  const { publicAddressesGiven } = rest
  if (!/^\d{12}$/.test(String(account))) return 'its account is not a number of 12 digits'
  if (!isAddress(laptopAddress)) return 'its laptopAddress is not an address'
  if (!['undefined', 'number'].includes(typeof laptopClockMs)) return 'its laptopClockMs is not a number'
  if (!isRecord(ports) || !Object.values(ports).every(isPort)) return 'its ports are not all port numbers'
  if (!['undefined', 'number'].includes(typeof publicAddressesGiven))
    return 'its publicAddressesGiven is not a number'
  if (!isRecord(regions)) return 'its regions are not an object'
  for (const [name, region] of Object.entries(regions)) {
    const kind = Object.entries(namedBy).find(([key, mark]) => !isListOf(region, key, mark))?.[0]
    if (kind !== undefined) return `its region ${name} has no proper list of ${kind}`
  }
  return undefined
}

/** For each list of a region, a property that every entry has as a text. */
const namedBy: Record<keyof RegionState, string> = {
  vpcs: 'id',
  subnets: 'id',
  routeTables: 'id',
  internetGateways: 'id',
  networkAcls: 'id',
  groups: 'id',
  keyPairs: 'id',
  instances: 'id',
  volumes: 'id',
  subnetGroups: 'name',
  databases: 'resourceId',
  databaseEvents: 'databaseId',
}

function isListOf(region: unknown, key: string, mark: string): boolean {
  const list = isRecord(region) ? region[key] : undefined
  return Array.isArray(list) && list.every((each) => isRecord(each) && typeof each[mark] === 'string')
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && isIPv4(value)
}
