import type { LabRecord } from '../lab/lab-record.ts'
import { readRecord } from '../store/read-record.ts'
import type { Whereabouts } from './options.ts'
import { labName } from './which-lab.ts'

/** Where the lab is, or would be. */
export async function regionOfLab(options: Whereabouts): Promise<string> {
  return regionFor(storedLab(options), options)
}

export function storedLab(options: Whereabouts): LabRecord | undefined {
  return readRecord(options.home, labName(options))
}

export async function regionFor(
  stored: LabRecord | undefined,
  { region, target, profile }: Whereabouts,
): Promise<string> {
  if (stored !== undefined) return stored.region
  if (region !== undefined) return region
  if (target === 'practice') return (await import('../practice/service-file.ts')).PRACTICE_REGION
  return (await import('../aws/clients.ts')).regionOf(profile)
}
