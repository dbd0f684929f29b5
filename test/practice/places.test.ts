import { chownSync, mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { placesIn } from '../../src/practice/places.ts'
import { makeHome } from './data-plane.ts'

const LONGEST = [
  ['i-00123456789abcdef0', 'systemd.sock'],
  ['i-00123456789abcdef0', 'loopback-65535.sock'],
  ['db-ABCDEFGHIJKLMNOPQRSTUVWXYZ', '65535.sock'],
] as const

/** A home whose path has the given length. */
function homeOf(length: number): string {
  const base = makeHome()
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  return join(base, 'h'.repeat(Math.max(1, length - base.length - 1)))
}

function open(home: string) {
  const places = placesIn(home)
  onTestFinished(() => rmSync(dirname(places.sockets('any')), { recursive: true, force: true }))
  return places
}

test.each(Array.from({ length: 20 }, (_, step) => 30 + step * 4))(
  'in a home whose path has %i letters every socket can be made',
  async (length) => {
    const places = open(homeOf(length))
    for (const [id, name] of LONGEST) {
      mkdirSync(places.sockets(id), { recursive: true })
      const path = join(places.sockets(id), name)
      expect(path.length).toBeLessThanOrEqual(103)
      const server = createServer()
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
      server.close()
    }
  },
)

test('two homes never share their sockets', () => {
  const [one, two] = [open(homeOf(100)), open(homeOf(100))]
  expect(one.sockets('i-1')).not.toBe(two.sockets('i-1'))
})

test.skipIf(process.getuid?.() !== 0)('a folder for sockets that somebody else has made is refused', () => {
  const home = homeOf(100)
  const folder = dirname(open(home).sockets('any'))
  chownSync(folder, 12_345, 12_345)
  expect(() => placesIn(home)).toThrow(`${folder} belongs to another user.`)
})
