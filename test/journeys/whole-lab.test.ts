import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { dirname, join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../src/commands/receipt.ts'
import type { Status } from '../../src/commands/status.ts'
import type { TestResult } from '../../src/commands/test-login.ts'
import { processesWith } from '../../src/practice/processes.ts'
import type { CloudState } from '../../src/practice/state.ts'
import {
  countOnce,
  databaseRule,
  has,
  newStudent,
  PROGRAM,
  practiceVariables,
  type Run,
  runs,
  type Student,
} from '../support/student.ts'
import { until } from '../support/until.ts'

let student: Student
let first: Run
let status: Status
let commandLines: Set<string>

beforeAll(async () => {
  student = await newStudent({ npm: 'true' })
  commandLines = new Set()
  const watch = setInterval(() => noteCommandLines(commandLines), 40)
  first = await student.types(['up', '--practice', '--yes'])
  clearInterval(watch)
  status = await student.status()
})

afterAll(() => student.leaves())

describe('flasklab up', () => {
  test('builds the whole lab from nothing and ends with the URL of the site', () => {
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`The lab is up: ${status.site?.url}`),
    })
  })

  test('leads to a site that registers and logs in whoever posts the handout’s form', async () => {
    const register = await post('/register', { uname: 'Ada', pwd: 'engine' })
    const login = await post('/validate', { uname: 'Ada', pwd: 'engine' })
    const refused = await post('/validate', { uname: 'Ada', pwd: 'wrong' })
    expect(register.status).toBe(200)
    expect(login.text).toContain('Welcome, Ada! You have successfully logged in.')
    expect(refused.text).toContain('Invalid Username or Password')
  })

  test('run again, makes nothing new and is done in seconds', async () => {
    const before = (await student.requests()).length
    const again = await student.types(['up', '--practice', '--yes', '--json'])
    const asked = (await student.requests()).slice(before)
    expect(countOnce(asked)).toBeLessThanOrEqual(18)
    const made = asked.filter(({ action }) => !/^(Describe|Get|List)/.test(action))
    expect(JSON.parse(again.stdout)).toEqual(status)
    expect(made).toEqual([])
  })

  test('begins the database before it launches the server', async () => {
    const actions = (await student.requests()).map(({ action }) => action)
    expect(actions.indexOf('CreateDBInstance')).toBeGreaterThan(-1)
    expect(actions.indexOf('CreateDBInstance')).toBeLessThan(actions.indexOf('RunInstances'))
  })

  test('refuses to move a lab to another cloud or region', async () => {
    const region = await student.types(['up', '--yes', '--region', 'eu-west-1'])
    expect(region).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is in us-west-2, not in eu-west-1'),
    })
  })
})

describe('flasklab status', () => {
  test('asks each thing once', async () => {
    const before = (await student.requests()).length
    await student.status()
    expect(countOnce((await student.requests()).slice(before))).toBeLessThanOrEqual(12)
  })

  test('says in JSON what there is and where it is dialled', () => {
    expect(status).toEqual({
      lab: 'lab',
      target: 'practice',
      region: 'us-west-2',
      phases: [
        'launch-instance',
        'install-dependencies',
        'create-project',
        'create-database',
        'verify-groups',
        'create-schema',
        'run-application',
        'test-login',
      ].map((id, index) => ({ number: index + 1, id, title: expect.any(String), done: true })),
      server: {
        id: expect.stringMatching(/^i-[0-9a-f]{17}$/),
        state: 'running',
        address: '127.0.0.1',
        sshPort: expect.any(Number),
        keyFile: join(student.home, 'labs', 'lab', 'key.pem'),
      },
      database: {
        id: 'flaskdb-instance',
        state: 'available',
        endpoint: { host: 'localhost', port: expect.any(Number) },
      },
      site: { url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
    })
  })
})

describe('flasklab test-login', () => {
  test('registers, logs in, is refused, reads the row and removes it', async () => {
    const { code, stdout } = await student.types(['test-login', '--json'])
    const result = JSON.parse(stdout) as TestResult
    expect(code).toBe(0)
    expect(result.steps.map((step) => [step.id, step.passed])).toEqual(
      ['site', 'database', 'register', 'login', 'refused', 'row', 'removed'].map((id) => [id, true]),
    )
    expect(
      await onServer('mysql -N -e "SELECT COUNT(*) FROM users WHERE name LIKE \'flasklab-test-%\'"'),
    ).toBe('0\n')
  })

  test('fails when the database’s group no longer lets the server in, and passes again when it does', async () => {
    const { revoke, authorize } = await databaseRule(student)
    await revoke()
    const broken = await student.types(['test-login', '--json'])
    await authorize()
    const mended = await student.types(['test-login', '--json'])
    expect(broken.code).toBe(1)
    expect((JSON.parse(broken.stdout) as TestResult).steps.find((step) => !step.passed)).toMatchObject({
      id: 'database',
      detail: expect.stringContaining('no answer within 10 s'),
    })
    expect(mended.code).toBe(0)
  })
})

describe('flasklab ssh and logs', () => {
  test('ssh runs a command on the server and exits with its code', async () => {
    const run = await student.types(['ssh', '--', 'echo', 'from', '$HOSTNAME;', 'exit', '7'])
    expect(run).toMatchObject({ code: 7, stdout: expect.stringMatching(/^from ip-172-31-\d+-\d+\n$/) })
  })

  test('a server that shows another host key than the pinned one is not logged in to', async () => {
    const file = join(student.home, 'labs', 'lab', 'lab.json')
    const record = readFileSync(file, 'utf8')
    const [pinned = ''] = Object.values(JSON.parse(record).hostKeys as Record<string, string[]>)[0] ?? []
    const other = ssh2.utils
      .generateKeyPairSync('ecdsa', { bits: 256 })
      .public.split(' ')
      .slice(0, 2)
      .join(' ')
    writeFileSync(file, record.replace(pinned, other))
    const run = await student.types(['ssh', '--', 'true'])
    const looked = await student.types(['status'])
    writeFileSync(file, record)
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('is not the lab’s server') })
    // It hides nothing that AWS tells of the lab.
    expect(looked).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /\[x\] 1\..*\[\?\] 2\..*\[x\] 4\..*can't be looked at: .*is not the lab’s server.*Server +i-/s,
      ),
    })
    expect((await student.types(['ssh', '--', 'true'])).code).toBe(0)
  })

  test.skipIf(!existsSync('/dev/full'))(
    'a command that is too long, and output that can’t be written, are findings',
    async () => {
      const long = await student.types(['ssh', '--', `: ${'x'.repeat(60_000)}`])
      const full = await runs(
        '/bin/sh',
        ['-c', `"${process.execPath}" "${PROGRAM}" logs -n 5 >/dev/full`],
        student.environment,
      )
      expect(long).toMatchObject({ code: 1, stderr: expect.stringContaining('did not take the command') })
      expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('no space left') })
    },
  )

  test('logs shows what the app wrote, without a password', async () => {
    await post('/validate', { uname: 'Ada', pwd: 'a-password-that-was-typed' })
    const { stdout } = await student.types(['logs', '-n', '5'])
    expect(stdout).toContain('"path":"/validate"')
    expect(stdout).not.toContain('a-password-that-was-typed')
  })

  test.skipIf(!has('ssh'))(
    'the ssh command that status prints opens the server, and asks nothing',
    async () => {
      const printed = /ssh -i .*/.exec((await student.types(['status'])).stdout)?.[0]
      const run = await runs('bash', ['-c', `${printed} -o BatchMode=yes pwd`], student.environment)
      expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/\/home\/ec2-user\n$/) })
    },
  )
})

describe('the database', () => {
  test('answers the server and not the laptop', async () => {
    const port = String(status.database?.endpoint?.port)
    const words = [
      '--no-defaults',
      '--protocol=tcp',
      '-h',
      'localhost',
      '-P',
      port,
      '-u',
      'admin',
      '--connect-timeout=2',
    ]
    const fromLaptop = await runs('mysql', [...words, '-e', 'SELECT 1'], student.environment)
    expect(fromLaptop).toMatchObject({ code: 1, stderr: expect.stringContaining('Lost connection') })
    expect(await onServer('mysql -N -e "SELECT CURRENT_USER()"')).toBe('flaskapp@%\n')
  })
})

describe.skipIf(!has('aws'))('the aws command line with the variables of practice env', () => {
  test('shows what was made, with the handout’s names and the lab’s tags', async () => {
    const environment = { ...student.environment, ...(await practiceVariables(student)) }
    const aws = async (...words: string[]) =>
      JSON.parse((await runs('aws', [...words, '--output', 'json'], environment)).stdout)
    const { Reservations } = await aws('ec2', 'describe-instances')
    const { SecurityGroups } = await aws('ec2', 'describe-security-groups')
    const { DBInstances } = await aws('rds', 'describe-db-instances')
    const [instance] = Reservations[0].Instances
    expect(instance.InstanceId).toBe(status.server?.id)
    expect(instance.Tags).toContainEqual({ Key: 'Name', Value: 'FlaskLoginServer' })
    expect(instance.Tags).toContainEqual({ Key: 'flasklab:lab-name', Value: 'lab' })
    expect(SecurityGroups.map((group: { GroupName: string }) => group.GroupName)).toEqual(
      expect.arrayContaining(['ec2-rds-1', 'rds-ec2-1']),
    )
    expect(DBInstances[0]).toMatchObject({
      DBInstanceIdentifier: 'flaskdb-instance',
      PubliclyAccessible: false,
    })
    expect(DBInstances[0].TagList).toContainEqual({ Key: 'flasklab:lab-name', Value: 'lab' })
  })
})

describe('secrets', () => {
  test('stand in no output, no log, no command line and no file that others may read', async () => {
    const record = JSON.parse(readFileSync(join(student.home, 'labs', 'lab', 'lab.json'), 'utf8'))
    const key = readFileSync(join(student.home, 'labs', 'lab', 'key.pem'), 'utf8')
    const { passwords } = record as { passwords: { master: string; app: string } }
    const secrets = [passwords.master, passwords.app, key.split('\n')[3] ?? '']
    const files = filesBelow(student.home)
    const open = files.filter((file) => (statSync(file).mode & 0o077) !== 0 && isReachable(file))
    const logs = files.filter((file) => /\.(log|old)$/.test(file)).map((file) => readFileSync(file, 'utf8'))
    const everything = [student.said(), first.stdout, first.stderr, ...commandLines, ...logs].join('\n')
    expect(secrets.every((secret) => secret.length >= 32)).toBe(true)
    expect(secrets.filter((secret) => everything.includes(secret))).toEqual([])
    expect(open).toEqual([])
    expect([...commandLines].some((line) => line.includes('--user=admin'))).toBe(true)
  })
})

describe('flasklab cleanup', () => {
  test('without a terminal wants --yes, and deletes nothing before', async () => {
    expect(await student.types(['cleanup'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    })
    expect((await student.status()).server?.id).toBe(status.server?.id)
  })

  test('leaves no resource, no file of the lab but the receipt, no process and no open port', async () => {
    const ports = Object.values(readState().ports)
    const before = (await student.requests()).length
    const { code, stdout } = await student.types(['cleanup', '--yes', '--json'])
    expect(countOnce((await student.requests()).slice(before))).toBeLessThanOrEqual(45)
    const receipt = JSON.parse(stdout) as Receipt
    const kinds = new Set(receipt.deleted.map((each) => each.kind))
    expect({ code, clean: receipt.clean, left: receipt.left }).toEqual({ code: 0, clean: true, left: [] })
    expect([...kinds].sort()).toEqual([
      'database',
      'key-pair',
      'local-file',
      'network-interface',
      'security-group',
      'server',
      'subnet-group',
      'volume',
    ])
    expect(readdirSync(join(student.home, 'labs', 'lab'))).toEqual(['cleaned-up.json'])
    expect(readdirSync(join(student.home, 'practice', 'machines'))).toEqual([])
    expect(readdirSync(join(student.home, 'practice', 'databases'))).toEqual([])
    await until('no process of the practice cloud', () => ownProcesses().length === 0)
    expect(await Promise.all(ports.map(isOpen))).toEqual(ports.map(() => false))
    expect(taggedLeft()).toEqual([])
  })

  test('run again, has nothing to do', async () => {
    const { code, stdout, stderr } = await student.types(['cleanup'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^There is nothing to clean up in the account \d{12}, us-west-2\.\n$/)
    expect(stderr).toMatch(/The lab "lab" was cleaned up at 20.* Looking again/)
    const json = await student.types(['cleanup', '--practice', '--yes', '--json'])
    expect(JSON.parse(json.stdout)).toEqual({ deleted: [], left: [], clean: true })
  })

  test('leaves a lab that other commands say was cleaned up', async () => {
    const run = await student.types(['status'])
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('was cleaned up at') })
  })
})

async function post(path: string, fields: Record<string, string>): Promise<{ status: number; text: string }> {
  const response = await fetch(`${status.site?.url}${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  })
  return { status: response.status, text: await response.text() }
}

async function onServer(command: string): Promise<string> {
  return (await student.types(['ssh', '--', command])).stdout
}

function readState(): CloudState {
  return JSON.parse(readFileSync(join(student.home, 'practice', 'cloud.json'), 'utf8')) as CloudState
}

/** The resources that still carry a lab's tag, but for instances that have ended. */
function taggedLeft(): unknown[] {
  const regions = Object.values(readState().regions)
  const all = regions.flatMap((region) => [
    ...region.instances.filter((instance) => instance.state !== 'terminated'),
    ...region.groups,
    ...region.keyPairs,
    ...region.volumes,
    ...region.databases,
    ...region.subnetGroups,
  ])
  return all.filter((resource) => 'flasklab:lab' in resource.tags)
}

function ownProcesses(): number[] {
  return processesWith('FLASKLAB_PRACTICE', join(student.home, 'practice'))
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Whether others could come to a file if the home folder itself were open to them. */
function isReachable(file: string): boolean {
  for (let folder = dirname(file); folder !== student.home; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false
  }
  return true
}

/** Notes the command line of every process there is. */
function noteCommandLines(lines: Set<string>): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      lines.add(readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' '))
    } catch {
      // It has ended meanwhile.
    }
  }
}
