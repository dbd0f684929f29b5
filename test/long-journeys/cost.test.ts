import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2'
import { DescribeDBInstancesCommand, RDSClient, StopDBInstanceCommand } from '@aws-sdk/client-rds'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CostReport } from '../../src/commands/cost.ts'
import { priceListFor } from '../aws/recorded-prices.ts'
import { newStudent, practiceVariables, type Student } from '../support/student.ts'
import { until } from '../support/until.ts'

const IDS = ['server', 'public-ipv4', 'root-volume', 'database', 'database-storage']

async function costOf(student: Student, words: readonly string[] = []): Promise<CostReport> {
  const { code, stdout, stderr } = await student.types(['cost', '--json', ...words])
  if (code !== 0) throw new Error(`cost ended with ${code}: ${stdout}${stderr}`)
  return JSON.parse(stdout) as CostReport
}

describe('before there is a lab, without credentials', () => {
  let student: Student
  beforeAll(async () => {
    student = await newStudent()
  })
  afterAll(() => student.leaves())

  test('cost prices what the handout would make, in us-east-1 or where the student says', async () => {
    const here = await costOf(student)
    const there = await costOf(student, ['--region', 'eu-west-1'])
    expect(here).toMatchObject({ lab: null, region: 'us-east-1', hourly: 0.036427, soFar: 0, unknown: [] })
    expect(there).toMatchObject({ region: 'eu-west-1', hourly: 0.038844 })
    expect(here.items.map(({ id }) => id)).toEqual(IDS)
  })

  test('cost takes the region from the student’s AWS settings', async () => {
    const { stdout } = await student.types(['cost', '--json'], { AWS_REGION: 'ap-south-1' })
    expect(JSON.parse(stdout)).toMatchObject({ region: 'ap-south-1', hourly: 0.045788 })
  })

  test('a lab that is named must be there, and a plan must be one', async () => {
    expect(await student.types(['cost', '--lab', 'other'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no lab "other" here.'),
    })
    expect(await student.types(['cost', '--plan', 'gold'])).toMatchObject({ code: 2 })
  })

  test('--live without credentials is a finding that leads back to the table', async () => {
    const { code, stdout } = await student.types(['cost', '--live', '--json'])
    const { error } = JSON.parse(stdout) as { error: { what: string; remedy: { run: string[] } } }
    expect(code).toBe(1)
    expect(error.what).toBe('There are no AWS credentials on this machine.')
    expect(error.remedy.run).toContain('flasklab cost')
  })

  test('--live asks the price list', async () => {
    await using list = await openPriceList()
    const variables = {
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_PRICING: list.url,
    }
    const { code, stdout } = await student.types(['cost', '--live', '--region', 'eu-west-1'], variables)
    expect({ code, stdout }).toMatchObject({ code: 0 })
    expect(stdout).toContain('$0.0388')
    expect(stdout).toContain('Prices: AWS’s list, asked just now in us-east-1, the oldest of 2026-09-17')
  })
})

async function openPriceList() {
  const server = createServer(async (incoming, response) => {
    const request = (await json(incoming)) as Parameters<typeof priceListFor>[0]
    response
      .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify({ FormatVersion: 'aws_v1', PriceList: priceListFor(request) }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('with a lab on the practice cloud', () => {
  let student: Student
  let plan: string

  beforeAll(async () => {
    student = await newStudent()
    const { code, stderr, stdout } = await student.types(['up', '--practice', '--yes'])
    if (code !== 0) throw new Error(stderr + stdout)
    plan = stderr.replace(/\s+/g, ' ')
  })
  afterAll(() => student.leaves())

  test('up has said what it would cost on AWS before it began', () => {
    const [before = ''] = plan.split('Phase 1 of 8')
    expect(before).toContain('$0.0364 an hour, $0.87 a day, $26.23 in 30 days')
  })

  test('cost names what there is, by its ids, and says that nothing of it bills', async () => {
    const { server, database } = await student.status()
    const { code, stdout } = await student.types(['cost'], { NO_COLOR: '1' })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Nothing of the lab "lab" bills: it is not on AWS\./)
    expect(stdout).toContain(`server ${server?.id} (t3.micro, running)`)
    expect(stdout).toContain(`database ${database?.id} (db.t3.micro, available)`)
    expect(stdout).toContain('30 days from now')
  })

  test('cost --json holds no chart, and sums from launch and creation on', async () => {
    const report = await costOf(student)
    expect(report).toMatchObject({
      lab: 'lab',
      bills: false,
      region: 'us-west-2',
      hourly: 0.036427,
      unknown: [],
    })
    expect(report.items.map(({ id }) => id)).toEqual(IDS)
    const sum = report.items.reduce((total, { soFar }) => total + (soFar ?? 0), 0)
    expect(report.soFar).toBeCloseTo(sum, 5)
    // The database has cost its ten minutes at least.
    expect(report.items[3]?.soFar).toBeGreaterThanOrEqual(0.002833)
    expect(JSON.stringify(report)).not.toContain('***')
  })

  test('status tells it in one line, and not in its JSON', async () => {
    const { stdout } = await student.types(['status'])
    expect(stdout).toMatch(
      /\nCost {6}nothing here bills; on AWS it would be \$0\.00\d\d so far, \$0\.0364 an hour\n/,
    )
    expect(await student.status()).not.toHaveProperty('cost')
  })

  test('a stopped server and a stopped database cost their disks, until AWS starts the database', async () => {
    const { server, database } = await student.status()
    const { ec2, rds } = await clientsOf(student)
    await ec2.send(new StopInstancesCommand({ InstanceIds: [server?.id ?? ''] }))
    await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: database?.id }))
    await until('both are stopped', async () => {
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({}))
      const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({}))
      const states = [Reservations?.[0]?.Instances?.[0]?.State?.Name, DBInstances?.[0]?.DBInstanceStatus]
      return states.every((state) => state === 'stopped')
    })
    const report = await costOf(student)
    expect(report.items.map(({ hourly }) => hourly)).toEqual([0, 0, 0.000877, 0, 0.003151])
    expect(report).toMatchObject({ hourly: 0.004027, unknown: [] })
    // 30 days of the disks, and 23 of the database.
    expect(report.ifForgotten30Days).toBeCloseTo(0.0040274 * 720 + 23 * 24 * 0.017, 1)
  })

  test('after cleanup there is nothing to price but the handout’s lab', async () => {
    expect(await student.types(['cleanup', '--yes'])).toMatchObject({ code: 0 })
    expect(await costOf(student)).toMatchObject({ lab: null, bills: true, soFar: 0 })
  })
})

async function clientsOf(student: Student) {
  const variables = await practiceVariables(student)
  const config = {
    endpoint: variables['AWS_ENDPOINT_URL'] ?? '',
    region: variables['AWS_REGION'] ?? '',
    credentials: {
      accessKeyId: variables['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: variables['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  }
  return { ec2: new EC2Client(config), rds: new RDSClient(config) }
}
