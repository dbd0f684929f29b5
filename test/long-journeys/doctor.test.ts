import { once } from 'node:events'
import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/commands/doctor.ts'
import type { Status } from '../../src/commands/status.ts'
import type { WrittenFinding } from '../../src/lab/finding.ts'
import type { PracticeStatus } from '../../src/world/practice-cloud.ts'
import { databaseRule, newStudent, type Student } from '../support/student.ts'
import { until } from '../support/until.ts'

let student: Student
let status: Status

beforeAll(async () => {
  student = await newStudent()
  await student.findsLab()
  status = await student.status()
})

afterAll(() => student.leaves())

async function examine(...flags: string[]): Promise<Diagnosis<WrittenFinding> & { code: number | null }> {
  const { code, stdout, stderr } = await student.types(['doctor', '--json', ...flags])
  if (stdout === '') throw new Error(stderr)
  return { code, ...(JSON.parse(stdout) as Diagnosis<WrittenFinding>) }
}

const statusOf = (diagnosis: Diagnosis<WrittenFinding>, id: string) =>
  diagnosis.checks.find((check) => check.id === id)?.status

describe('a healthy lab', () => {
  test('every check passes, with at most 12 requests, and all of them only read', async () => {
    const before = (await student.requests()).length
    const { code, healthy, rootCauses, checks } = await examine()
    const asked = (await student.requests()).slice(before).map(({ action }) => action)
    expect({ code, healthy, rootCauses }).toEqual({ code: 0, healthy: true, rootCauses: [] })
    expect(checks.filter((check) => check.status !== 'pass' || check.finding !== undefined)).toEqual([])
    expect(checks).toHaveLength(37)
    expect(asked.length).toBeLessThanOrEqual(12)
    expect(asked.filter((action) => !/^(Describe|Get)/.test(action))).toEqual([])
  })

  test('leaves no user behind in the table', async () => {
    await examine()
    const { stdout } = await student.types(['ssh', '--', 'mysql -N -e "SELECT COUNT(*) FROM users"'])
    expect(stdout).toBe('0\n')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('ended by %s, says so by its code', async (signal) => {
    const doctor = student.begins(['doctor'])
    // It has opened the lab by then, and asks.
    await once(doctor.stderr ?? doctor, 'data')
    doctor.kill(signal)
    expect(await once(doctor, 'close')).toEqual([130, null])
  })

  test('is told line by line, in 80 columns', async () => {
    const { code, stdout } = await student.types(['doctor'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ok +db-ingress +The database’s rules let the server in$/m)
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      `The lab is healthy. The site is at ${status.site?.url} (http, not https: `,
    )
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })
})

describe('a lab with faults', () => {
  test('a rule that is gone is the one root cause; what rests on it is blocked, and names it', async () => {
    const { group, revoke, authorize } = await databaseRule(student)
    await revoke()
    const { code, rootCauses, checks } = await examine()
    await authorize()
    const check = checks.find(({ id }) => id === 'db-ingress')
    expect({ code, rootCauses }).toEqual({ code: 1, rootCauses: ['db-ingress'] })
    expect(check?.finding?.what).toContain(`${group} (rds-ec2-1) lets ${status.server?.id} in on port 3306`)
    expect(check?.finding?.remedy.run?.join()).toMatch(
      new RegExp(
        `aws ec2 authorize-security-group-ingress --group-id ${group} .*--port 3306 --source-group sg-`,
      ),
    )
    expect(checks.find(({ id }) => id === 'db-port')).toMatchObject({
      status: 'blocked',
      blockedBy: ['db-ingress'],
    })
  })

  test('two faults in different places are both root causes', async () => {
    const { revoke, authorize } = await databaseRule(student)
    await revoke()
    await student.types(['ssh', '--', 'sudo systemctl disable --now flasklogin'])
    const { rootCauses } = await examine()
    await authorize()
    await student.types(['ssh', '--', 'sudo systemctl enable --now flasklogin'])
    expect(rootCauses).toEqual(['db-ingress', 'app-service'])
  })

  test('--fix mends one after the other, says so, and deletes nothing', async () => {
    const key = join(student.home, 'labs', 'lab', 'key.pem')
    const { revoke } = await databaseRule(student)
    await revoke()
    chmodSync(key, 0o644)
    await student.types(['ssh', '--', 'echo oops >FlaskLoginApp/.env; sudo systemctl restart flasklogin'])
    const before = (await student.requests()).length
    const { code, stderr, stdout } = await student.types(['doctor', '--fix', '--yes'])
    const asked = (await student.requests()).slice(before).map(({ action }) => action)
    expect(code).toBe(0)
    for (const id of ['key-file', 'db-ingress', 'app-env']) expect(stderr).toContain(`${id}: fixed`)
    expect(stdout).toContain('The lab is healthy.')
    expect(statSync(key).mode & 0o777).toBe(0o600)
    expect(asked.filter((action) => /^(Delete|Terminate)/.test(action))).toEqual([])
  })
})

describe('a lab made by hand', () => {
  test('finds server and database by the handout’s names, and writes no record', async () => {
    const key = join(student.home, 'labs', 'lab', 'key.pem')
    const diagnosis = await examine('--adopt', '--practice', '--key', key)
    expect(statusOf(diagnosis, 'db-port')).toBe('pass')
    expect(statusOf(diagnosis, 'ssh-login')).toBe('pass')
    // It is not the handout's app that lies there.
    expect(diagnosis.rootCauses).toEqual(['app-files'])
    expect(diagnosis.checks.find(({ id }) => id === 'app-files')?.finding?.what).toContain('app.py')
    expect(readdirSync(join(student.home, 'labs'))).toEqual(['lab'])
  })

  test('without its key, what is on the server is skipped and what AWS shows is examined', async () => {
    const diagnosis = await examine('--adopt', '--practice')
    expect(diagnosis.healthy).toBe(true)
    expect(statusOf(diagnosis, 'ssh-login')).toBe('skipped')
    expect(statusOf(diagnosis, 'db-ingress')).toBe('pass')
  })

  test('says where it looks, whose it is after all, and what it could not ask; and does not call it healthy', async () => {
    const { code, stdout, stderr } = await student.types(['doctor', '--adopt', '--practice'])
    const said = (stderr + stdout).replace(/\s+/g, ' ')
    expect(code).toBe(0)
    expect(said).toContain('A lab made by hand, on the practice cloud (us-west-2). It is only read.')
    expect(said).toContain(
      `${status.server?.id} was made by flasklab, for its lab "lab": "flasklab doctor --lab lab"`,
    )
    expect(said).toContain('16 of 37 checks were skipped: 12 (its key is not known: name it with --key),')
    expect(said).toContain('The other 21 found nothing wrong.')
    expect(said).not.toContain('healthy')
  })

  test('a lab that is named says on which cloud to look', async () => {
    const { code, stderr } = await student.types(['doctor', '--adopt', '--lab', 'lab'])
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('on the practice cloud'),
    })
    const unknown = await student.types(['doctor', '--adopt', '--lab', 'nowhere', '--json'])
    expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { what: 'There is no lab "nowhere" here.' } })
  })

  test('without --practice it says that it looks on AWS', async () => {
    const { stderr } = await student.types(['doctor', '--adopt', '--region', 'eu-west-1'])
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      'on AWS (eu-west-1; --practice looks at the practice cloud)',
    )
  })

  test('a thing that was named and is not there is told by its name and region', async () => {
    const diagnosis = await examine('--practice', '--instance', 'i-00000000000000000', '--db', 'nothing')
    expect(diagnosis.code).toBe(1)
    expect(diagnosis.rootCauses).toEqual(['db-exists', 'server-exists'])
    expect(diagnosis.checks.flatMap(({ finding }) => finding ?? [])).toMatchObject([
      { what: 'There is no database "nothing" in us-west-2.' },
      { what: 'There is no instance i-00000000000000000 in us-west-2.' },
    ])
  })

  test('without the database, what the server alone needs is examined all the same', async () => {
    const key = join(student.home, 'labs', 'lab', 'key.pem')
    const diagnosis = await examine('--practice', '--db', 'nothing', '--key', key)
    expect(diagnosis.rootCauses).toEqual(['db-exists', 'app-files'])
    expect(statusOf(diagnosis, 'ssh-ingress')).toBe('pass')
    expect(statusOf(diagnosis, 'network-acl')).toBe('pass')
  })

  test('where nothing has the handout’s names, each missing thing is a finding that names its phase', async () => {
    const diagnosis = await examine('--adopt', '--practice', '--region', 'eu-west-1')
    expect(diagnosis.rootCauses).toEqual(['db-exists', 'server-exists'])
    const findings = diagnosis.checks.flatMap(({ finding }) => finding ?? [])
    expect(findings.map(({ what }) => what)).toEqual([
      'There is nothing called flaskdb-instance in eu-west-1.',
      'There is nothing called FlaskLoginServer in eu-west-1.',
    ])
    expect(findings.map(({ why }) => /phase \d/.exec(why ?? '')?.[0])).toEqual(['phase 4', 'phase 1'])
    expect(findings.flatMap(({ remedy }) => remedy.run ?? [])).toEqual([])
  })

  test.each([
    [['--adopt', '--fix'], 'A lab that was made by hand is only read'],
    [['--key', '/nowhere/key.pem'], '/nowhere/key.pem'],
    [['--instance', 'server'], "'server' is invalid"],
    [['--db', 'flask_db'], "'flask_db' is invalid"],
    [['--list', '--fix'], "'--list' cannot be used with option '--fix'"],
  ])('%j is wrong usage', async (words, what) => {
    const { code, stdout } = await student.types(['doctor', '--json', ...words])
    expect(code).toBe(2)
    expect((JSON.parse(stdout) as { error: { what: string } }).error.what).toContain(what)
  })
})

describe('when the practice cloud', () => {
  const start = async () => {
    const { stdout } = await student.types(['practice', 'start', '--json'])
    return (JSON.parse(stdout) as PracticeStatus).pid ?? 0
  }

  test.each([
    ['freezes', 'SIGSTOP'],
    ['is killed', 'SIGKILL'],
  ] as const)('%s in the middle, the doctor says so within 30 s', async (_, signal) => {
    const pid = await start()
    const before = (await student.requests()).length
    const begun = Date.now()
    const doctor = student.begins(['doctor', '--json'])
    const said = text(doctor.stdout as Readable)
    await until('it has asked', async () => (await student.requests()).length > before)
    process.kill(pid, signal)
    const [code] = await once(doctor, 'close')
    const took = Date.now() - begun
    if (signal === 'SIGSTOP') process.kill(pid, 'SIGCONT')
    expect({ code, said: JSON.parse(await said) }).toMatchObject({
      code: 1,
      said: { error: { what: 'The practice cloud has stopped answering.' } },
    })
    expect(took).toBeLessThan(30_000)
  })

  test('was killed, the doctor starts it again, with the lab in it', async () => {
    process.kill(await start(), 'SIGKILL')
    expect(await examine()).toMatchObject({ code: 0, rootCauses: [] })
  })
})

test('--list names every check and what it needs, without a lab', async () => {
  const { code, stdout } = await student.types(['doctor', '--list', '--lab', 'nowhere'])
  expect(code).toBe(0)
  expect(stdout).toContain('db-port')
  expect(stdout.match(/^\S/gm)).toHaveLength(37)
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
})
