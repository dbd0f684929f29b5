import { type Browser, chromium } from 'playwright-core'
import { programOnPath } from './program-on-path.ts'

/** Where a site on the internet would be. Loopback counts as secure, which hides what plain HTTP breaks. */
export const PUBLIC_ADDRESS = '203.0.113.7'
export const OTHER_SITE = 'evil.example'

const names = ['chromium', 'chromium-browser', 'google-chrome']
const executablePath = names.map(programOnPath).find((path) => path !== undefined)

/** Why there is no browser to test with, if so. Where one is required, that is a failure. */
export const whyNoBrowser = executablePath ? undefined : `none of ${names.join(', ')} is installed`
if (whyNoBrowser && process.env['FLASKLAB_BROWSER_REQUIRED']) throw new Error(whyNoBrowser)

export function launchBrowser(): Promise<Browser> {
  const rules = [PUBLIC_ADDRESS, OTHER_SITE].map((host) => `MAP ${host} 127.0.0.1`)
  return chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    // Chromium's own sandbox refuses to work for root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [`--host-resolver-rules=${rules.join(', ')}`],
  })
}
