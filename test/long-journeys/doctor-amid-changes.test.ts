import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import {
  DescribeSecurityGroupsCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/commands/doctor.ts'
import { instanceOf } from '../practice/lab.ts'
import { newStudent, practiceVariables, type Student } from '../support/student.ts'
import { until } from '../support/until.ts'

let student: Student
let ec2: EC2Client
let server: string

beforeAll(async () => {
  student = await newStudent()
  await student.findsLab()
  server = (await student.status()).server?.id ?? ''
  ec2 = await newClient()
})

afterAll(() => student.leaves())

async function newClient(): Promise<EC2Client> {
  const { AWS_ENDPOINT_URL, AWS_REGION, ...keys } = await practiceVariables(student)
  return new EC2Client({
    endpoint: AWS_ENDPOINT_URL ?? '',
    region: AWS_REGION ?? '',
    credentials: {
      accessKeyId: keys['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: keys['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  })
}

async function defaultGroup() {
  const Filters = [{ Name: 'group-name', Values: ['default'] }]
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))
  return SecurityGroups[0]
}

test('a server that lost the lab’s groups gets them back by --fix, and the default group stays shut', async () => {
  const before = await instanceOf(ec2, server)
  const shut = await defaultGroup()
  const Groups = [shut?.GroupId ?? '']
  await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: server, Groups }))
  const { rootCauses, checks } = JSON.parse((await student.types(['doctor', '--json'])).stdout) as Diagnosis
  expect(rootCauses).toEqual(['ssh-ingress', 'web-ingress', 'db-ingress'])
  const commands = checks.flatMap(({ finding }) => finding?.remedy.run ?? [])
  const giveBack = `aws ec2 modify-instance-attribute --instance-id ${server} --groups`
  const ids = before.SecurityGroups?.map(({ GroupId = '' }) => GroupId) ?? []
  expect(new Set(commands)).toEqual(
    new Set(['eval "$(flasklab practice env)"', `${giveBack} ${ids.join(' ')} --region us-west-2`]),
  )
  const { code } = await student.types(['doctor', '--fix', '--yes'])
  expect(code).toBe(0)
  expect((await instanceOf(ec2, server)).SecurityGroups).toEqual(before.SecurityGroups)
  expect(await defaultGroup()).toEqual(shut)
})

describe('expired credentials', () => {
  beforeAll(async () => {
    await student.types(['practice', 'break', 'credentials-expired'])
  })
  afterAll(async () => {
    await student.types(['practice', 'solve'])
    // The former one holds the key that has expired.
    ec2 = await newClient()
  })

  test.each(['status', 'test-login', 'logs', 'cleanup --dry-run', 'doctor'])(
    'are told by %s as what they are, and renewed in the shell that holds them',
    async (command) => {
      const words = [...command.split(' '), '--json']
      const findingIn = (stdout: string) => {
        const said = JSON.parse(stdout) as Partial<Diagnosis> & { error?: unknown }
        return said.error ?? said.checks?.find(({ id }) => id === 'credentials')?.finding
      }
      const renew = 'flasklab practice laptop --new-credentials'
      const goOn = command === 'doctor' ? [] : ['flasklab doctor']
      expect(findingIn((await student.types(words)).stdout)).toMatchObject({
        what: 'The AWS session has expired.',
        remedy: { run: [renew, ...goOn] },
      })
      const led = await student.types(words, { AWS_ENDPOINT_URL: 'http://127.0.0.1:20000' })
      expect(findingIn(led.stdout)).toMatchObject({
        remedy: { run: [renew, 'eval "$(flasklab practice env)"', ...goOn] },
      })
    },
  )
})

test('the report of a drill keeps to 80 columns', async () => {
  const { stdout } = await student.types(['practice', 'break', 'clock-fast'])
  const hint = await student.types(['practice', 'hint'])
  const solved = await student.types(['practice', 'solve'])
  const list = await student.types(['practice', 'break', '--list'])
  const lines = [stdout, hint.stdout, solved.stdout, list.stdout].join('').split('\n')
  expect(lines.filter((line) => line.length > 80)).toEqual([])
})

test('a lab that there is not is missed before anything is made for it', async () => {
  const nobody = await newStudent()
  try {
    for (const words of [['doctor', '--fix'], ['doctor', '--practice'], ['status']]) {
      const { code, stdout } = await nobody.types([...words, '--json'])
      expect(code).toBe(1)
      expect(stdout).toContain('There is no lab')
    }
    expect(readdirSync(nobody.home)).toEqual([])
  } finally {
    await nobody.leaves()
  }
})

// The last, as it costs the server.
test('a server that is terminated while it is examined ends in one finding, that it is gone', async () => {
  const before = (await student.requests()).length
  const child = student.begins(['doctor', '--json'])
  const said = text(child.stdout ?? process.stdin)
  await until('the server was seen', async () => {
    const asked = (await student.requests()).slice(before)
    return asked.some(({ action }) => action === 'DescribeSecurityGroupRules')
  })
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [server] }))
  const [code] = await once(child, 'close')
  const { rootCauses } = JSON.parse(await said) as Diagnosis
  expect({ code, rootCauses }).toEqual({ code: 1, rootCauses: ['server-exists'] })
})
