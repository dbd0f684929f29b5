import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { envFile } from '../../src/formats/env-file.ts'
import { shellQuote } from '../../src/formats/shell-quote.ts'
import { ENV_FILES, VALUES } from '../formats/env-file-cases.ts'
import { bootSystemd, type Systemd, whyNoSystemd } from '../support/systemd.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 })

const whyNot = await whyNoSystemd()

// The table tells the truth about the grammar only if the real systemd agrees.
const suite = whyNot === undefined ? describe : describe.skip
suite(`a real systemd${whyNot === undefined ? '' : ` (not run: ${whyNot})`}`, () => {
  let systemd: Systemd

  beforeAll(async () => {
    systemd = await bootSystemd(`
      printf '[Service]\nType=oneshot\nEnvironmentFile=/env\nExecStart=/bin/cp /proc/self/environ /environ\n' \
        >$R/etc/systemd/system/env.service`)
  })

  afterAll(() => systemd?.remove())

  async function read(text: string): Promise<Record<string, string>> {
    const { stdout } = await systemd.run(
      `printf %s ${shellQuote(text)} >/env; systemctl start env && base64 -w0 /environ`,
    )
    const entries = Buffer.from(stdout, 'base64').toString().split('\0').filter(Boolean)
    const pairs = entries.map((entry): [string, string] => [
      entry.slice(0, entry.indexOf('=')),
      entry.slice(entry.indexOf('=') + 1),
    ])
    // systemd sets these for every service.
    const own = [
      'LANG',
      'PATH',
      'INVOCATION_ID',
      'JOURNAL_STREAM',
      'SYSTEMD_EXEC_PID',
      'LC_ALL',
      'HOME',
      'USER',
      'LOGNAME',
      'SHELL',
    ]
    return Object.fromEntries(pairs.filter(([name]) => !own.includes(name)))
  }

  test.each(ENV_FILES)('reads %s', async (_, text, settings) => {
    expect(await read(text)).toEqual(settings)
  })

  test.each(VALUES)('reads %j as it went in', async (value) => {
    const settings = { BEFORE: '1', VALUE: value, AFTER: '2' }
    expect(await read(envFile(settings))).toEqual(settings)
  })
})
