import type { SettingsFile } from '../../host/server-survey.ts'
import { handout } from '../../lab/lab.ts'

/** Where the app listens: what app-env leaves to the checks of the service. */
export const LISTEN_SETTINGS: Readonly<Record<string, string>> = {
  HOST: '0.0.0.0',
  PORT: String(handout.sitePort),
}

/** The settings that make the app listen elsewhere, each as the end of a sentence. */
export function oddSettings({ settings }: SettingsFile): readonly string[] {
  return Object.entries(LISTEN_SETTINGS)
    .filter(([name, value]) => settings[name] !== value)
    .map(([name, value]) => `${name} in .env is "${settings[name] ?? ''}", not "${value}"`)
}
