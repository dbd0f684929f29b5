import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { placesIn } from '../../src/practice/paths.ts'
import { PRACTICE_MARK, processesWith } from '../../src/practice/processes.ts'
import { makeHome } from '../support/data-plane.ts'

const program = fileURLToPath(new URL('../../bin/flasklab.js', import.meta.url))

// Shells, systemd's units, MariaDB and sockets each stumble over something else in a path.
describe.each([
  ['spaces, quotes, signs and umlauts', `it's "my" $HOME %h 100% über uns & co; #1`],
  ['a very long path', `${'long-'.repeat(40)}/${'longer-'.repeat(20)}`],
])('a lab in a home with %s', (_, name) => {
  let base: string
  let home: string
  let up: Awaited<ReturnType<typeof type>>

  beforeAll(async () => {
    base = makeHome()
    home = join(base, name)
    mkdirSync(home, { recursive: true })
    up = await type('up', '--practice', '--yes')
  })
  afterAll(async () => {
    await type('practice', 'stop')
    rmSync(base, { recursive: true, force: true, maxRetries: 5 })
  })

  async function type(...words: string[]) {
    const { PATH, HOME } = process.env
    const env = { PATH, HOME, FLASKLAB_HOME: home, LANG: 'C.UTF-8' }
    const child = spawn(process.execPath, [program, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { code: await ended, stdout, stderr }
  }

  test('is built whole', () => {
    expect(up).toMatchObject({ code: 0, stdout: expect.stringContaining('The lab is up: http://127.0.0.1:') })
  })

  test('has a server that is worked on as on any other', async () => {
    const commands =
      'systemctl is-active flasklogin; sudo ss -ltn | grep -c 0.0.0.0:5000; curl -s localhost:5000/health; echo; mysql -N -e "SELECT COUNT(*) FROM users"'
    expect(await type('ssh', '--', commands)).toEqual({
      code: 0,
      stdout: 'active\n1\n{"app":"ok","database":"ok"}\n0\n',
      stderr: expect.any(String),
    })
  })

  test('is cleaned up whole', async () => {
    const { root, logFile, sockets } = placesIn(home)
    expect(processesWith(PRACTICE_MARK, root).length).toBeGreaterThan(0)
    const { code, stdout } = await type('cleanup', '--yes')
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('Nothing of the lab is left.'),
    })
    expect(processesWith(PRACTICE_MARK, root)).toEqual([])
    expect(['machines', 'databases'].flatMap((folder) => readdirSync(join(root, folder)))).toEqual([])
    expect(existsSync(dirname(sockets('any')))).toBe(false)
    expect(readFileSync(logFile, 'utf8')).not.toContain('bug: ')
  })
})
