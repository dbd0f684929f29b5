import { expect, test } from 'vitest'
import { findingOf, traceOf } from '../../src/cli/failure.ts'
import { inThisLab } from '../../src/cli/in-this-lab.ts'
import { awsAnywhere, type Command, chain, closeFile, flasklab, onServer } from '../../src/lab/command.ts'
import { Interrupted, LabError } from '../../src/lab/finding.ts'

const finding = (...run: Command[]) => ({ what: 'x', remedy: { say: 'y', run } })
const LEAD = 'eval "$(flasklab practice env)"'

const ordinary = {
  command: 'status',
  words: ['status'],
  home: '/nowhere',
  target: undefined,
  existing: [],
  flags: {},
  isRecorded: false,
  renewCredentials: [],
}

const commandsOf = (run: readonly Command[], target: 'aws' | 'practice', lab?: string) =>
  inThisLab(finding(...run), { flags: { lab }, isRecorded: true, target }).remedy.run

test('on the practice cloud the aws command line is led there, once, before its first command', () => {
  const run = [flasklab('status'), awsAnywhere('ec2', 'describe-vpcs'), awsAnywhere('rds'), flasklab('up')]
  expect(commandsOf(run, 'practice')).toEqual([run[0], LEAD, ...run.slice(1)])
  expect(commandsOf(run, 'aws')).toEqual(run)
})

test('a remedy without the aws command line stays as it is', () => {
  expect(commandsOf([flasklab('up'), closeFile('key.pem')], 'practice')).toEqual([
    'flasklab up',
    'chmod 600 key.pem',
  ])
})

test('the lab that the student named is named again, where a command takes it', () => {
  const run = [awsAnywhere('ec2', 'describe-vpcs'), flasklab('up'), flasklab('cost', { live: true })]
  expect(commandsOf(run, 'practice', 'second')).toEqual([
    LEAD,
    'aws ec2 describe-vpcs',
    'flasklab up --lab second',
    'flasklab cost --lab second --live',
  ])
})

test('another lab that is proposed is on the same cloud', () => {
  const run = [flasklab('up', { lab: 'another-name', region: 'us-east-1' })]
  expect(commandsOf(run, 'practice')).toEqual([
    'flasklab up --practice --lab another-name --region us-east-1',
  ])
  expect(commandsOf(run, 'aws')).toEqual(run)
})

test('two ways that the flags of the lab make the same are named once', () => {
  const two = finding(flasklab('up'), flasklab('up', { practice: true }))
  const told = inThisLab(two, { flags: { practice: true }, isRecorded: false, target: 'practice' })
  expect(told.remedy.run).toEqual(['flasklab up --practice'])
})

test.each([
  ['up', true, ['flasklab up']],
  ['up', false, undefined],
  ['cost', true, undefined],
])('%s, interrupted before anything of the lab is seen: recorded %s', (command, isRecorded, run) => {
  const { remedy } = findingOf(new Interrupted('SIGINT'), { ...ordinary, command, isRecorded })
  expect(remedy.run).toEqual(run)
})

test('a lab made by hand is looked for again where it was looked for', () => {
  const flags = { practice: true, region: 'us-east-1' }
  const told = inThisLab(finding(flasklab('doctor', { adopt: true, instance: 'i-1' })), {
    flags,
    isRecorded: false,
    target: 'practice',
  })
  expect(told.remedy.run).toEqual(['flasklab doctor --practice --region us-east-1 --adopt --instance i-1'])
})

test.each([
  ['practice', ['flasklab practice laptop --new-credentials', 'flasklab doctor']],
  ['aws', ['aws sts get-caller-identity']],
] as const)('expired credentials are renewed on %s by its own means', (target, run) => {
  const error = new LabError(finding(awsAnywhere('sts', 'get-caller-identity')), { code: 'expired' })
  const renewCredentials = [flasklab('practice laptop', { 'new-credentials': true })]
  const situation = { ...ordinary, isRecorded: true, renewCredentials }
  expect(findingOf(error, { ...situation, target }).remedy.run).toEqual(run)
})

test('where it happened is told without the token and the cipher that AWS repeats', () => {
  const error = new Error(
    'Not authorized. Encoded authorization failure message: Zq9_hT3k. Signature does not match.\n\nThe Canonical String for this request should have been\nx-amz-security-token:IQoJ',
  )
  const trace = traceOf(new Error('Told.', { cause: error }))
  expect(trace).toMatch(
    /^Error: Told\.\n\s+at [\s\S]*Caused by: Error: Not authorized\. Signature does not match\.\n\s+at /,
  )
  expect(trace).not.toMatch(/Zq9|IQoJ/)
})

test.each([
  ['up --dry-run', ['flasklab up --dry-run', 'flasklab up --practice --dry-run']],
  ['status', ['flasklab up', 'flasklab up --practice']],
  ['list --all-regions', ['flasklab list --all-regions', 'flasklab list --practice --all-regions']],
  ['cleanup --expired', ['flasklab cleanup --expired', 'flasklab cleanup --practice --expired']],
])('without credentials %s is offered again, also on the cloud that needs none', (typed, run) => {
  const error = new LabError(finding(awsAnywhere('configure'), flasklab('up')), { code: 'no-credentials' })
  const situation = { ...ordinary, command: typed.split(' ')[0] ?? '', words: typed.split(' ') }
  expect(findingOf(error, situation).remedy.run).toEqual(['aws configure', ...run])
})

test('each command of a chain is for this lab', () => {
  const run = [chain(flasklab('cleanup'), flasklab('up'))]
  const told = inThisLab(finding(...run), { flags: { lab: 'second' }, isRecorded: true, target: 'aws' })
  expect(told.remedy.run).toEqual(['flasklab cleanup --lab second && flasklab up --lab second'])
})

test('a command that has the flag already, given or typed, or is of no lab, stays', () => {
  const typed = { ...flasklab('up'), words: ['--region=eu-north-1', '--lab', 'first'] }
  const run = [
    typed,
    flasklab('practice stop'),
    flasklab('iam-policy'),
    flasklab('cleanup', { lab: 'third' }),
  ]
  const flags = { lab: 'second', region: 'us-west-2', profile: 'p' }
  expect(inThisLab(finding(...run), { flags, isRecorded: false, target: 'aws' }).remedy.run).toEqual([
    'flasklab up --profile p --region=eu-north-1 --lab first',
    'flasklab practice stop',
    'flasklab iam-policy',
    'flasklab cleanup --region us-west-2 --profile p --lab third',
  ])
})

test('the command that is given to the server’s shell stays at the end', () => {
  const told = inThisLab(finding(onServer('sudo reboot')), {
    flags: { lab: 'second' },
    isRecorded: true,
    target: 'aws',
  })
  expect(told.remedy.run).toEqual(['flasklab ssh --lab second -- sudo reboot'])
})
