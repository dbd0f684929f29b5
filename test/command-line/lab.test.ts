import { expect, test } from 'vitest'
import { hasAws, runAws } from '../practice/aws-command.ts'
import { IMAGE, PASSWORD } from '../practice/lab.ts'
import { openCloud, type TestCloud } from '../practice/support.ts'

/** Runs the AWS command line and reads its JSON. */
async function aws(cloud: TestCloud, ...words: string[]) {
  const { stdout, stderr } = await runAws(cloud, words)
  expect(stderr).toBe('')
  return stdout === '' ? undefined : JSON.parse(stdout)
}

test.runIf(hasAws)('the aws command line makes and reads the lab', { timeout: 120_000 }, async () => {
  await using cloud = await openCloud()
  const call = (...words: string[]) => aws(cloud, ...words)

  const { KeyMaterial } = await call('ec2', 'create-key-pair', '--key-name', 'lab', '--key-type', 'ed25519')
  expect(KeyMaterial).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/)
  const { GroupId } = await call(
    'ec2',
    'create-security-group',
    '--group-name',
    'web',
    '--description',
    'the web',
  )
  await call(
    'ec2',
    'authorize-security-group-ingress',
    '--group-id',
    GroupId,
    '--protocol',
    'tcp',
    '--port',
    '22',
    '--cidr',
    '203.0.113.7/32',
  )
  const tags = 'ResourceType=instance,Tags=[{Key=Name,Value=<Flask & Login>}]'
  const launched = await call(
    'ec2',
    'run-instances',
    '--image-id',
    IMAGE,
    '--instance-type',
    't3.micro',
    '--key-name',
    'lab',
    '--security-group-ids',
    GroupId,
    '--tag-specifications',
    tags,
  )
  const [{ InstanceId }] = launched.Instances
  await call('ec2', 'wait', 'instance-running', '--instance-ids', InstanceId)
  await call(
    'rds',
    'create-db-instance',
    '--db-instance-identifier',
    'flaskdb',
    '--engine',
    'mysql',
    '--db-instance-class',
    'db.t3.micro',
    '--allocated-storage',
    '20',
    '--master-username',
    'admin',
    '--master-user-password',
    PASSWORD,
    '--no-publicly-accessible',
  )

  const [instances, groups, console, databases] = await Promise.all([
    call('ec2', 'describe-instances'),
    call('ec2', 'describe-security-groups', '--group-names', 'web'),
    call('ec2', 'get-console-output', '--instance-id', InstanceId),
    call('rds', 'describe-db-instances'),
  ])
  expect(instances.Reservations[0].Instances).toMatchObject([
    { InstanceId, State: { Name: 'running' }, Tags: [{ Key: 'Name', Value: '<Flask & Login>' }] },
  ])
  expect(groups.SecurityGroups[0].IpPermissions).toMatchObject([
    { FromPort: 22, IpRanges: [{ CidrIp: '203.0.113.7/32' }] },
  ])
  expect(console.Output).toBe(`console of ${InstanceId}\r\n`)
  expect(databases.DBInstances).toMatchObject([{ DBInstanceIdentifier: 'flaskdb', Engine: 'mysql' }])
  const gone = call('ec2', 'describe-instances', '--instance-ids', 'i-00000000000000000')
  await expect(gone).rejects.toThrow(
    /\(InvalidInstanceID\.NotFound\) when calling the DescribeInstances operation/,
  )
})

test.runIf(hasAws)(
  'the aws command line reads whatever the cloud describes',
  { timeout: 120_000 },
  async () => {
    await using cloud = await openCloud()
    const [{ id: vpcId } = { id: '' }] = cloud.cloud.region('us-east-1').vpcs
    const questions = [
      'ec2 describe-account-attributes',
      'ec2 describe-addresses',
      'ec2 describe-availability-zones',
      'ec2 describe-images --owners amazon',
      'ec2 describe-instance-status',
      'ec2 describe-instance-type-offerings',
      'ec2 describe-instance-types',
      'ec2 describe-internet-gateways',
      'ec2 describe-key-pairs',
      'ec2 describe-network-acls',
      'ec2 describe-network-interfaces',
      'ec2 describe-regions --all-regions',
      'ec2 describe-route-tables',
      'ec2 describe-security-group-rules',
      'ec2 describe-subnets --page-size 5',
      'ec2 describe-tags',
      'ec2 describe-volumes',
      `ec2 describe-vpc-attribute --vpc-id ${vpcId} --attribute enableDnsSupport`,
      'ec2 describe-vpcs',
      'rds describe-db-engine-versions --engine mysql',
      'rds describe-db-instance-automated-backups',
      'rds describe-db-snapshots',
      'rds describe-db-subnet-groups',
      'rds describe-events',
      'rds describe-orderable-db-instance-options --engine mysql',
      'sts get-caller-identity',
    ]
    for (const group of [questions.slice(0, 9), questions.slice(9, 18), questions.slice(18)]) {
      await Promise.all(group.map((question) => aws(cloud, ...question.split(' '))))
    }
    expect(cloud.calls.filter(({ outcome }) => outcome !== 'OK')).toEqual([])
  },
)
