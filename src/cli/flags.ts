import { type Given, isGiven, numberOf, textOf } from './given.ts'
import type { LabFlags } from './in-this-lab.ts'

/** The flags that every command has, and those that decide how any of them talks. */
export interface Flags extends LabFlags {
  readonly json: boolean
  readonly yes: boolean
  /** Whether anybody may be asked. */
  readonly input: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  /** In how many ms from now the lab is to be gone. */
  readonly expires: number | undefined
}

export function flagsOf(given: Given): Flags {
  return {
    lab: textOf(given, 'lab'),
    region: textOf(given, 'region'),
    profile: textOf(given, 'profile'),
    practice: isGiven(given, 'practice'),
    json: isGiven(given, 'json'),
    yes: isGiven(given, 'yes'),
    input: given['input'] !== false,
    quiet: isGiven(given, 'quiet'),
    verbose: isGiven(given, 'verbose'),
    expires: numberOf(given, 'expires'),
  }
}
