import { parseEnvFile } from '../../formats/env-file.ts'
import type { Answers } from '../../host/visit.ts'
import { handout } from '../../lab/lab.ts'

const { sitePort } = handout

/** Where the app listens: what app-env leaves to the checks of the service. */
export const LISTEN_SETTINGS: Readonly<Record<string, string>> = { HOST: '0.0.0.0', PORT: String(sitePort) }

export function oddSettings(around: Answers): readonly string[] {
  const present = parseEnvFile(around['env']?.text ?? '')
  return Object.entries(LISTEN_SETTINGS)
    .filter(([name, value]) => present[name] !== value)
    .map(([name, value]) => `${name} in .env is "${present[name] ?? ''}", not "${value}"`)
}
