import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findProgram } from '../../src/practice/database/engine.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { databaseRule, newStudent, PROGRAM, type Run, runs, type Student } from '../support/student.ts'
import { until } from '../support/until.ts'

let student: Student

beforeEach(async () => {
  student = await newStudent()
})

afterEach(() => student.leaves())

describe('a fault before anything is made', () => {
  test('a region that does not exist is named, with the ones that it resembles', async () => {
    const run = await student.types(['up', '--practice', '--yes', '--region', 'us-est-1'])
    expectFinding(
      run,
      1,
      'There is no AWS region "us-est-1"',
      'Did you mean us-east-1',
      'flasklab up --practice --region us-east-1',
    )
  })

  test('without AWS credentials up says so and names the practice cloud', async () => {
    const run = await student.types(['up', '--yes'])
    expectFinding(run, 1, 'There are no AWS credentials', 'flasklab up --practice')
  })

  test('an AWS lab refuses the variables of practice env, which a shell may still hold', async () => {
    const run = await student.types(['up', '--yes'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' })
    expectFinding(run, 1, 'AWS_ENDPOINT_URL points to this machine', 'unset AWS_ENDPOINT_URL')
  })

  test('an AWS lab refuses the practice cloud’s key, too, where the address is gone from the shell', async () => {
    const AWS_ACCESS_KEY_ID = 'AKIAPRACABCDEFGHIJKL'
    const run = await student.types(['up', '--yes'], { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: 'x' })
    expectFinding(
      run,
      1,
      `AWS_ACCESS_KEY_ID (${AWS_ACCESS_KEY_ID}) is the practice cloud’s`,
      'unset AWS_ENDPOINT_URL',
    )
  })

  test('a profile that is set beside a key is told to win', async () => {
    const run = await student.types(['up', '--yes'], {
      AWS_PROFILE: 'scholl',
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'x',
    })
    expectFinding(
      run,
      1,
      'Both AWS_PROFILE (scholl) and AWS_ACCESS_KEY_ID are set: the profile is used, not the key.',
      'unset AWS_PROFILE',
      'There are no AWS credentials',
    )
    expect(run.stderr).not.toContain('@aws-sdk')
  })

  test('a record that can’t be read is left alone, and the way out is named', async () => {
    const folder = join(student.home, 'labs', 'lab')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'lab.json'), '{"version": 1, "na')
    const run = await student.types(['status'])
    expectFinding(run, 1, 'can’t be read', join(folder, 'lab.json'), 'flasklab cleanup --lab lab')
  })

  test('the owner of the labs is not guessed where the record that says it can’t be read', async () => {
    const file = join(student.home, 'labs', 'lab', 'lab.json')
    mkdirSync(join(student.home, 'labs', 'lab'), { recursive: true })
    const ofAnother = JSON.stringify(newRecord('lab', 'moon', 'us-east-1', undefined))
    for (const [text, said] of [
      ['', 'can’t be read'],
      ['{"version": 1, "na', 'can’t be read'],
      [ofAnother, 'is on "moon", a cloud that this flasklab does not know'],
    ] as const) {
      writeFileSync(file, text)
      expectFinding(await student.types(['list']), 1, said)
      expectFinding(await student.types(['cleanup', '--all', '--yes']), 1, said)
    }
    expect((await student.types(['list', '--practice', '--json'])).code).toBe(0)
  })

  test('a lab that does not exist is an expected failure, a malformed name wrong usage', async () => {
    expectFinding(await student.types(['status', '--lab', 'nowhere']), 1, 'There is no lab "nowhere" here')
    expectFinding(await student.types(['status', '--lab', 'No Where']), 2, 'can’t be the name of a lab')
  })

  test('the commands of a remedy repeat the flags that chose the lab', async () => {
    const nowhere = await student.types(['status', '--lab', 'nowhere'])
    expectFinding(nowhere, 1, 'flasklab up --lab nowhere', 'flasklab up --lab nowhere --practice')
    const region = await student.types(['up', '--practice', '--yes', '--lab', 'two', '--region', 'us-est-1'])
    expectFinding(region, 1, 'flasklab up --practice --lab two --region us-east-1')
  })

  test('a FLASKLAB_HOME that is no folder is named, with why and what to do', async () => {
    const file = join(student.home, 'file')
    writeFileSync(file, '')
    const run = await student.types(['practice', 'start'], { FLASKLAB_HOME: file })
    expectFinding(run, 1, `flasklab can’t use ${file}`, 'export FLASKLAB_HOME=')
  })

  test.skipIf(!existsSync('/dev/full'))('a result that can’t be written is a failure', async () => {
    const command = `"${process.execPath}" "${PROGRAM}" practice status >/dev/full`
    const run = await runs('/bin/sh', ['-c', command], student.environment)
    expectFinding(run, 1, 'could not be written to the standard output', 'no space left')
    const failing = `"${process.execPath}" "${PROGRAM}" status --json >/dev/full`
    const json = await runs('/bin/sh', ['-c', failing], student.environment)
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { what: 'There is no lab "lab" here.' } })
  })

  test('an up that is killed while the practice cloud starts leaves one that the next up can use', async () => {
    const child = student.begins(['up', '--practice', '--yes'])
    const service = join(student.home, 'practice', 'service.json')
    await until('it has a port', () => existsSync(service))
    child.kill('SIGKILL')
    await once(child, 'exit')
    const run = await student.types(['up', '--practice', '--yes', '--dry-run'])
    const again = await student.types(['up', '--practice', '--yes', '--dry-run'])
    expect([run.code, again.code]).toEqual([0, 0])
  })

  test('a reader that goes away, as head does, is no failure', async () => {
    const command = `{ "${process.execPath}" "${PROGRAM}" practice status; echo "code $?" >&2; } | true`
    expect(await runs('/bin/sh', ['-c', command], student.environment)).toMatchObject({ stderr: 'code 0\n' })
  })

  test('wrong words end with code 2, in JSON too', async () => {
    const flag = await student.types(['up', '--no-such-flag', '--json'])
    const command = await student.types(['upp'])
    expect(flag.code).toBe(2)
    expect(JSON.parse(flag.stdout)).toMatchObject({
      error: { what: expect.stringContaining('--no-such-flag') },
    })
    expect(command).toMatchObject({ code: 2, stderr: expect.stringContaining("unknown command 'upp'") })
  })

  test('without a terminal and without --yes, up makes nothing and names the flag', async () => {
    const run = await student.types(['up', '--practice'])
    expectFinding(run, 2, 'This can’t be asked', '--yes')
    expect((await student.requests()).filter(({ action }) => /^(Create|Run|Import)/.test(action))).toEqual([])
  })

  test('under --json a failure is a finding on stdout', async () => {
    const { code, stdout } = await student.types(['status', '--json'])
    expect({ code, answer: JSON.parse(stdout) }).toEqual({
      code: 1,
      answer: { error: { what: expect.any(String), why: expect.any(String), remedy: expect.any(Object) } },
    })
  })

  test('without MariaDB and without the right to install it, the command to type is named', async () => {
    const run = await student.types(['up', '--practice', '--yes'], {
      FLASKLAB_MARIADB: join(student.home, 'empty'),
    })
    expectFinding(run, 1, 'needs MariaDB', 'mariadb')
  })

  test('a port of the practice cloud that another program holds is named', async () => {
    await student.types(['practice', 'start'])
    const { AWS_ENDPOINT_URL } = JSON.parse((await student.types(['practice', 'env', '--json'])).stdout)
    await student.types(['practice', 'stop'])
    const port = Number(new URL(AWS_ENDPOINT_URL).port)
    const intruder = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1')
    const run = await student.types(['up', '--practice', '--yes'])
    await new Promise((resolve) => intruder.close(resolve))
    expectFinding(run, 1, `port ${port} on 127.0.0.1 is used by another program`, 'lsof')
  })
})

describe('a fault on the way', () => {
  test('a database engine that dies ends in a finding with its last words, and nothing is lost from view', async () => {
    const run = await student.types(['up', '--practice', '--yes'], {
      FLASKLAB_MARIADB: brokenEngine(student),
    })
    const status = await student.status()
    expectFinding(run, 1, 'ended in the state "failed"', 'the disk is on fire', 'created again')
    expect(status.database).toMatchObject({ id: 'flaskdb-instance', state: 'failed' })
    expect(status.server?.id).toMatch(/^i-/)
    await student.types(['practice', 'stop'])
    const mended = await student.types(['up', '--yes'])
    expect(mended.code).toBe(0)
    expect(mended.stderr.replace(/\s+/g, ' ')).toContain('the disk is on fire): deleting it')
  })

  test('an app that does not start ends in a finding with its own words, and the original comes back', async () => {
    await student.findsLab()
    await student.types([
      'ssh',
      '--',
      'echo "no such syntax(" >>FlaskLoginApp/app.js; sudo systemctl restart flasklogin',
    ])
    const broken = await student.types(['up', '--yes'])
    await student.types(['ssh', '--', 'rm', 'FlaskLoginApp/.flasklab-digest'])
    const mended = await student.types(['up', '--yes'])
    expectFinding(broken, 1, 'The app does not become healthy', 'SyntaxError', 'flasklab logs')
    expect(mended.code).toBe(0)
    expect((await student.types(['ssh', '--', 'tail', '-n', '1', 'FlaskLoginApp.old/app.js'])).stdout).toBe(
      'no such syntax(\n',
    )
  })

  test('a rule that was taken away shows as the one phase to do again, and up says that it put it back', async () => {
    await student.findsLab()
    const { group, revoke } = await databaseRule(student)
    await revoke()
    const status = (await student.types(['status'])).stdout
    const up = await student.types(['up', '--yes'])
    expect(status).toContain('[x] 4.')
    expect(status).toContain('[ ] 5.')
    expect(status).toContain('[?] 6.')
    expect(status).toMatch(/Site +http:/)
    expect(up.stderr.replace(/\s+/g, ' ')).toContain(
      `${group} lacked a rule, which is added: tcp 3306 in from sg-`,
    )
    expect(up.stderr).toContain('POST /validate says Welcome')
  })

  test('labs that share a name and have lost their records are cleaned up one by one, by id', async () => {
    const ids: string[] = []
    for (const _ of [1, 2]) {
      await student.types(['up', '--practice', '--yes'])
      const record = readFileSync(join(student.home, 'labs', 'lab', 'lab.json'), 'utf8')
      ids.push((JSON.parse(record) as { id: string }).id)
      rmSync(join(student.home, 'labs'), { recursive: true })
    }
    const which = await student.types(['cleanup', '--practice', '--yes'])
    const [first = '', second = ''] = ids
    const one = await student.types(['cleanup', '--practice', '--yes', '--json', '--id', first])
    const other = await student.types(['cleanup', '--practice', '--yes', '--json'])
    expectFinding(
      which,
      1,
      'Several labs of yours are called "lab"',
      `flasklab cleanup --practice --id ${second}`,
    )
    for (const run of [one, other]) expect(JSON.parse(run.stdout)).toMatchObject({ clean: true, left: [] })
    expect(JSON.parse(one.stdout).deleted.length).toBe(JSON.parse(other.stdout).deleted.length)
  })

  test('a lab whose record is lost is found by its tags and cleaned up', async () => {
    await student.findsLab()
    await student.types(['cleanup', '--yes'])
    await student.types(['up', '--practice', '--yes'])
    const { server } = await student.status()
    rmSync(join(student.home, 'labs'), { recursive: true })
    const { code, stdout } = await student.types(['cleanup', '--practice', '--yes', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ clean: true, left: [] })
    expect(JSON.parse(stdout).deleted).toContainEqual({ kind: 'server', id: server?.id })
  })
})

/** Fault, cause and remedy are said, the code is right, and nobody sees a stack trace. */
function expectFinding(run: Run, code: number, ...said: string[]): void {
  const words = run.stderr.replace(/\s+/g, ' ')
  expect(run.code).toBe(code)
  for (const each of said) expect(words).toContain(each.replace(/\s+/g, ' '))
  expect(run.stderr).not.toMatch(/^\s+at .+:\d+:\d+/m)
}

/** A folder with an engine whose server dies at once. */
function brokenEngine(of: Student): string {
  const folder = join(of.home, 'broken')
  mkdirSync(folder)
  for (const name of ['mariadb', 'mariadb-install-db'])
    symlinkSync(findProgram(name) ?? '', join(folder, name))
  writeFileSync(
    join(folder, 'mariadbd'),
    '#!/bin/sh\necho "[ERROR] InnoDB: the disk is on fire" >&2\nexit 1\n',
  )
  chmodSync(join(folder, 'mariadbd'), 0o755)
  return folder
}
