import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LabError } from '../../src/lab/finding.ts'
import { isLock, lockLab } from '../../src/store/lab-lock.ts'
import { tempFolder } from '../support/temp-folder.ts'

const SOURCE = new URL('../../dist/store/lab-lock.js', import.meta.url).href

/** Another process that takes the lab and holds it until it is ended; what it printed first. */
async function other(folder: string): Promise<{ child: ChildProcess; said: string }> {
  const program = `
    import { lockLab } from ${JSON.stringify(SOURCE)}
    try {
      lockLab(${JSON.stringify(folder)}, 'lab', 'up')
      console.log('held')
      setInterval(() => {}, 1000)
    } catch (error) {
      console.log(error.message)
    }`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = await once(child.stdout, 'data')
  return { child, said: String(said).trim() }
}

function refusalOf(work: () => unknown): LabError['finding'] | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof LabError) return error.finding
    throw error
  }
}

test('a lab is taken, and let go with nothing left behind', () => {
  using home = tempFolder()
  const folder = join(home.path, 'lab')
  const release = lockLab(folder, 'lab', 'up')
  expect(readdirSync(folder)).toEqual(['lock.1'])
  release()
  expect(existsSync(folder)).toBe(false)
})

test('letting go keeps what else lies in the folder', () => {
  using home = tempFolder()
  const release = lockLab(home.path, 'lab', 'up')
  writeFileSync(join(home.path, 'lab.json'), '{}')
  release()
  expect(readdirSync(home.path)).toEqual(['lab.json'])
})

test('who comes second is told who holds it, since when, and how to go on', async () => {
  using home = tempFolder()
  const { child, said } = await other(home.path)
  expect(said).toBe('held')
  expect(refusalOf(() => lockLab(home.path, 'lab', 'cleanup'))).toEqual({
    what: expect.stringMatching(
      new RegExp(
        `^"flasklab up" is at work on the lab "lab" \\(process ${child.pid}, since 20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\)\\.$`,
      ),
    ),
    why: expect.any(String),
    remedy: { say: expect.any(String), run: [`kill ${child.pid}`] },
  })
  expect(readdirSync(home.path)).toEqual(['lock.1'])
})

test('the lock of a process that was killed is taken over', async () => {
  using home = tempFolder()
  const { child } = await other(home.path)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const release = lockLab(home.path, 'lab', 'up')
  expect(readdirSync(home.path)).toEqual(['lock.2'])
  release()
})

test('a lock whose process number was given to another process since is taken over', () => {
  using home = tempFolder()
  const holder = { pid: process.pid, began: 'long ago', command: 'up', since: '2026-01-01' }
  writeFileSync(join(home.path, 'lock.7'), JSON.stringify(holder))
  expect(refusalOf(() => lockLab(home.path, 'lab', 'up'))).toBeUndefined()
  expect(readdirSync(home.path)).toEqual(['lock.8'])
})

test.skipIf(!existsSync('/proc/self'))('where no file can be made, it ends in a finding', () => {
  const refusal = refusalOf(() => lockLab('/proc/self', 'lab', 'up'))
  expect(refusal?.what).toBe('The folder /proc/self can’t be used: no file can be made in it.')
})

const running = { pid: process.pid, command: 'up', since: '2026-01-01T00:00:00.000Z' }

test('a lock as other systems write it, without the time when its process began, holds the lab', () => {
  using home = tempFolder()
  writeFileSync(join(home.path, 'lock.1'), JSON.stringify(running))
  expect(refusalOf(() => lockLab(home.path, 'lab', 'up'))?.remedy.run).toEqual([`kill ${process.pid}`])
})

test.each([
  ['half written', '{"pid":'],
  ['empty', ''],
  ['of null', 'null'],
  ['of a number', '7'],
  ['of a list', '[]'],
  ['of process 0, which is every process', JSON.stringify({ ...running, pid: 0 })],
  ['of process -1, which is all', JSON.stringify({ ...running, pid: -1 })],
  ['of a process that is no number', JSON.stringify({ ...running, pid: `${process.pid}` })],
  ['without a time', JSON.stringify({ ...running, since: undefined })],
  ['without a command', JSON.stringify({ ...running, command: undefined })],
])('a damaged lock (%s) holds nobody up', (_, text) => {
  using home = tempFolder()
  writeFileSync(join(home.path, 'lock.1'), text)
  expect(refusalOf(() => lockLab(home.path, 'lab', 'up'))).toBeUndefined()
  expect(readdirSync(home.path)).toEqual(['lock.2'])
})

test('a folder that is called like a lock holds nobody up, and stays with what is in it', () => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'lock.1'))
  writeFileSync(join(home.path, 'lock.1', 'mine'), '')
  const release = lockLab(home.path, 'lab', 'up')
  release()
  expect(readdirSync(join(home.path, 'lock.1'))).toEqual(['mine'])
})

test('one of several that come at once, over a dead one’s lock, gets the lab', async () => {
  using home = tempFolder()
  writeFileSync(join(home.path, 'lock.1'), JSON.stringify({ pid: 2 ** 22 + 1, command: 'up', since: 'x' }))
  const all = await Promise.all(Array.from({ length: 6 }, () => other(home.path)))
  const said = all.map((each) => each.said)
  expect(said.filter((each) => each === 'held')).toHaveLength(1)
  expect(said.filter((each) => each.includes('is at work on the lab "lab"'))).toHaveLength(5)
  expect(readdirSync(home.path).filter(isLock)).toHaveLength(1)
})
