import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writtenFinding } from '../../src/lab/command-text.ts'
import { placesIn } from '../../src/practice/paths.ts'
import type { PracticeTrouble } from '../../src/practice/trouble.ts'
import { findingOf } from '../../src/world/practice-findings.ts'
import { makeHome } from '../support/data-plane.ts'

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

/** Squats the folder for sockets of a home whose path is too long for them, and tells what becomes of it. */
function squat(by: (folder: string) => void) {
  const home = homeOf(100)
  const folder = dirname(open(home).sockets('any'))
  rmSync(folder, { recursive: true })
  by(folder)
  try {
    placesIn(home)
  } catch (error) {
    return { folder, finding: writtenFinding(findingOf((error as PracticeTrouble).trouble)) }
  }
  return { folder }
}

const notOurs = 'It is not a folder that you have made: somebody else may listen there.'
const openToOthers = 'Others on this machine may open it, and with it the servers and databases.'

test.skipIf(process.getuid?.() !== 0)('a folder for sockets that somebody else has made is refused', () => {
  const { folder, finding } = squat((path) => {
    mkdirSync(path, { mode: 0o700 })
    chownSync(path, 12_345, 12_345)
  })
  expect(finding).toMatchObject({
    what: `The practice cloud can’t trust the folder for its sockets: ${folder}.`,
    why: notOurs,
  })
})

test('a link in place of the folder for sockets is refused, also one that leads to a folder of ours', () => {
  const elsewhere = makeHome()
  onTestFinished(() => rmSync(elsewhere, { recursive: true }))
  expect(squat((path) => symlinkSync(elsewhere, path)).finding?.why).toBe(notOurs)
})

test.each(['750', '701', '777'])('a folder for sockets with the mode %s is refused', (mode) => {
  const { folder, finding } = squat((path) => {
    mkdirSync(path)
    chmodSync(path, Number.parseInt(mode, 8))
  })
  expect(finding).toMatchObject({ why: openToOthers, remedy: { run: [`chmod 700 ${folder}`] } })
})

test.each([
  ['a file', (path: string) => writeFileSync(path, '')],
  ['a link to nowhere', (path: string) => symlinkSync('/nowhere/at/all', path)],
])('%s in place of the folder for sockets is told of', (_, by) => {
  const { folder, finding } = squat(by)
  expect(finding?.what).toBe(`The practice cloud can’t make its folder ${folder}.`)
})

test('a home whose path is too long for the database is told of', () => {
  const home = `/tmp/${'ü'.repeat(100)}/${'h'.repeat(200)}`
  expect(() => placesIn(home)).toThrow(troubleWith({ kind: 'path-too-long', bytes: 415 }))
  expect(existsSync(home)).toBe(false)
})

test('two letters that take three bytes count as three', () => {
  const places = open(join(homeOf(20), 'ü'.repeat(12)))
  expect(
    Buffer.byteLength(join(places.sockets('db-ABCDEFGHIJKLMNOPQRSTUVWXYZ'), '65535.sock')),
  ).toBeLessThanOrEqual(103)
})

test('a file in place of a home is told of', () => {
  const home = homeOf(20)
  writeFileSync(home, '')
  expect(() => placesIn(home)).toThrow(troubleWith({ kind: 'no-folder', folder: `${home}/practice` }))
})

function troubleWith(fact: Partial<PracticeTrouble['trouble']>) {
  return expect.objectContaining({ trouble: expect.objectContaining(fact) })
}
