import { expect, test } from 'vitest'
import {
  aws,
  awsAnywhere,
  type Command,
  chain,
  closeFile,
  endProcess,
  flasklab,
  move,
  onServer,
  outputOf,
  program,
  set,
  showClock,
  takeSettings,
  typedAt,
  unset,
} from '../../src/lab/command.ts'
import { commandLines, writtenFinding } from '../../src/lab/command-text.ts'
import { inJson, POSIX, type Shell } from '../../src/lab/shell.ts'

const R = 'us-east-1'
const POWERSHELL: Shell = { dialect: 'powershell', isWindows: true }
const CMD: Shell = { dialect: 'cmd', isWindows: true }

const volume = aws(R, 'ec2', 'delete-volume', { 'volume-id': 'vol-1' })
const letIn = aws(R, 'ec2', 'authorize-security-group-egress', {
  'group-id': 'sg-1',
  'ip-permissions': {
    IpProtocol: 'tcp',
    FromPort: 3306,
    ToPort: 3306,
    UserIdGroupPairs: [{ GroupId: 'sg-2' }],
  },
})
const prefixList = aws(R, 'ec2', 'describe-managed-prefix-lists', {
  filters: { Name: 'prefix-list-name', Values: 'com.amazonaws.us-east-1.ec2-instance-connect' },
  query: 'PrefixLists[0].PrefixListId',
  output: 'text',
})
const instanceConnect = aws(R, 'ec2', 'authorize-security-group-ingress', {
  'group-id': 'sg-1',
  'ip-permissions': {
    IpProtocol: 'tcp',
    FromPort: 22,
    ToPort: 22,
    PrefixListIds: [{ PrefixListId: outputOf(prefixList) }],
  },
})

test.each<[Command, ...string[]]>([
  [flasklab('up'), 'flasklab up'],
  [flasklab('', { help: true }), 'flasklab --help'],
  [flasklab('up', { practice: true, lab: 'another-name' }), 'flasklab up --practice --lab another-name'],
  [flasklab('practice laptop', { 'new-credentials': true }), 'flasklab practice laptop --new-credentials'],
  [flasklab('list', { practice: undefined, 'all-regions': true }), 'flasklab list --all-regions'],
  [onServer('sudo systemctl restart flasklogin'), 'flasklab ssh -- sudo systemctl restart flasklogin'],
  [
    onServer('df -h / && sudo du -xh / | sort -h | tail -n 15'),
    "flasklab ssh -- 'df -h / && sudo du -xh / | sort -h | tail -n 15'",
  ],
  [chain(flasklab('cleanup'), flasklab('up')), 'flasklab cleanup && flasklab up'],
  [volume, 'aws ec2 delete-volume --volume-id vol-1 --region us-east-1'],
  [awsAnywhere('configure'), 'aws configure'],
  [awsAnywhere('sts', 'get-caller-identity'), 'aws sts get-caller-identity'],
  [
    aws(R, 'rds', 'delete-db-instance', { 'db-instance-identifier': 'db', 'skip-final-snapshot': true }),
    'aws rds delete-db-instance --db-instance-identifier db --skip-final-snapshot --region us-east-1',
  ],
  [
    aws(R, 'rds', 'wait db-instance-available', { 'db-instance-identifier': 'db' }),
    'aws rds wait db-instance-available --db-instance-identifier db --region us-east-1',
  ],
  [
    aws(R, 'ec2', 'describe-instances', {
      filters: { Name: 'instance-state-name', Values: ['pending', 'running'] },
    }),
    'aws ec2 describe-instances --filters Name=instance-state-name,Values=pending,running --region us-east-1',
  ],
  [
    aws(R, 'ec2', 'modify-instance-attribute', { 'instance-id': 'i-1', groups: ['sg-1', 'sg-2'] }),
    'aws ec2 modify-instance-attribute --instance-id i-1 --groups sg-1 sg-2 --region us-east-1',
  ],
  [
    aws(R, 'ec2', 'create-tags', {
      resources: 'i-1',
      tags: [
        { Key: 'Name', Value: 'my lab' },
        { Key: 'a', Value: 'b' },
      ],
    }),
    "aws ec2 create-tags --resources i-1 --tags 'Key=Name,Value=my lab' Key=a,Value=b --region us-east-1",
  ],
  [
    letIn,
    "aws ec2 authorize-security-group-egress --group-id sg-1 --ip-permissions 'IpProtocol=tcp,FromPort=3306,ToPort=3306,UserIdGroupPairs=[{GroupId=sg-2}]' --region us-east-1",
  ],
  [
    instanceConnect,
    `aws ec2 authorize-security-group-ingress --group-id sg-1 --ip-permissions "IpProtocol=tcp,FromPort=22,ToPort=22,PrefixListIds=[{PrefixListId=$(aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=com.amazonaws.us-east-1.ec2-instance-connect --query 'PrefixLists[0].PrefixListId' --output text --region us-east-1)}]" --region us-east-1`,
  ],
  [
    program('curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}\\n', 'http://198.51.100.1:5000/'),
    "curl -sS -o /dev/null -w '%{http_code}\\n' http://198.51.100.1:5000/",
  ],
  [program('ssh-keygen', '-p', '-f', '/my keys/a', '-N', ''), "ssh-keygen -p -f '/my keys/a' -N ''"],
  [set({ FLASKLAB_HOME: { inHome: 'flasklab-home' } }), 'export FLASKLAB_HOME=~/flasklab-home'],
  [
    set({ NODE_EXTRA_CA_CERTS: '/path/to/certificate.pem' }),
    'export NODE_EXTRA_CA_CERTS=/path/to/certificate.pem',
  ],
  [set({ A: '1', B: "it's" }), 'export A=1', "export B='it'\\''s'"],
  [unset('AWS_PROFILE', 'AWS_REGION'), 'unset AWS_PROFILE AWS_REGION'],
  [takeSettings(flasklab('practice env')), 'eval "$(flasklab practice env)"'],
  [move('/a b', '/a b.other'), "mv '/a b' '/a b.other'"],
  [closeFile('/my key'), "chmod 600 '/my key'"],
  [endProcess(42), 'kill 42'],
  [showClock, 'date -u'],
  [
    typedAt('server', 'mysql -u admin -p', 'the password is passwords.master in lab.json'),
    'mysql -u admin -p   # on the server; the password is passwords.master in lab.json',
  ],
  [typedAt('server', 'nano ~/a.py'), 'nano ~/a.py   # on the server'],
  [typedAt('mysql', "DELETE FROM users WHERE name = 'a';"), "DELETE FROM users WHERE name = 'a';"],
])('a POSIX shell reads %j', (command, ...lines) => {
  expect(commandLines([command])).toEqual(lines)
})

test.each<[Command, string[], string[]]>([
  [flasklab('up', { lab: 'second' }), ['flasklab up --lab second'], ['flasklab up --lab second']],
  [
    onServer("echo 'a' && date"),
    ["flasklab ssh '--' 'echo ''a'' && date'"],
    ['flasklab ssh -- "echo \'a\' && date"'],
  ],
  [onServer('sudo reboot'), ["flasklab ssh '--' sudo reboot"], ['flasklab ssh -- sudo reboot']],
  [
    chain(flasklab('cleanup'), flasklab('up'), flasklab('status')),
    ['flasklab cleanup; if ($?) { flasklab up; if ($?) { flasklab status } }'],
    ['flasklab cleanup && flasklab up && flasklab status'],
  ],
  [
    letIn,
    [
      "aws ec2 authorize-security-group-egress --group-id sg-1 --ip-permissions 'IpProtocol=tcp,FromPort=3306,ToPort=3306,UserIdGroupPairs=[{GroupId=sg-2}]' --region us-east-1",
    ],
    [
      'aws ec2 authorize-security-group-egress --group-id sg-1 --ip-permissions "IpProtocol=tcp,FromPort=3306,ToPort=3306,UserIdGroupPairs=[{GroupId=sg-2}]" --region us-east-1',
    ],
  ],
  [
    aws(R, 'ec2', 'revoke-security-group-ingress', {
      'security-group-rule-ids': outputOf(aws(R, 'ec2', 'describe-regions', { query: 'a[0]' })),
    }),
    [
      'aws ec2 revoke-security-group-ingress --security-group-rule-ids "$(aws ec2 describe-regions --query \'a[0]\' --region us-east-1)" --region us-east-1',
    ],
    [
      'for /f %i in (\'aws ec2 describe-regions --query "a[0]" --region us-east-1\') do aws ec2 revoke-security-group-ingress --security-group-rule-ids "%i" --region us-east-1',
    ],
  ],
  [
    program('curl', '-o', '/dev/null', 'http://198.51.100.1:5000/'),
    ['curl.exe -o NUL http://198.51.100.1:5000/'],
    ['curl -o NUL http://198.51.100.1:5000/'],
  ],
  [
    program('ssh-keygen', '-f', 'C:\\Users\\Åsa B\\key', '-N', ''),
    [`ssh-keygen -f 'C:\\Users\\Åsa B\\key' -N '""'`],
    ['ssh-keygen -f "C:\\Users\\Åsa B\\key" -N ""'],
  ],
  [program('a', 'say "it"', 'end\\'), [`a 'say \\"it\\"' end\\`], ['a "say \\"it\\"" end\\']],
  [program('a', 'b c\\'), ["a 'b c\\'"], ['a "b c\\\\"']],
  [
    set({ A: "it's", FLASKLAB_HOME: { inHome: 'flasklab-home' } }),
    ["$env:A = 'it''s'", '$env:FLASKLAB_HOME = "$HOME\\flasklab-home"'],
    ['set "A=it\'s"', 'set "FLASKLAB_HOME=%USERPROFILE%\\flasklab-home"'],
  ],
  [unset('A', 'B'), ['Remove-Item Env:A, Env:B'], ['set A=', 'set B=']],
  [
    takeSettings(flasklab('practice env')),
    [
      `flasklab practice env | ForEach-Object { $name, $value = ($_ -replace '^export ').Split('=', 2); Set-Item "Env:$name" $value }`,
    ],
    [`for /f "tokens=2,* delims== " %a in ('flasklab practice env') do set "%a=%b"`],
  ],
  [move('C:\\a b', 'C:\\c'), ["Move-Item 'C:\\a b' 'C:\\c'"], ['move "C:\\a b" C:\\c']],
  [endProcess(42), ['Stop-Process -Id 42'], ['taskkill /PID 42 /F']],
  [
    closeFile('C:\\my key'),
    [
      "icacls 'C:\\my key' /reset",
      `icacls 'C:\\my key' /grant:r "$($env:USERNAME):(R)"`,
      "icacls 'C:\\my key' /inheritance:r",
    ],
    [
      'icacls "C:\\my key" /reset',
      'icacls "C:\\my key" /grant:r "%USERNAME%:(R)"',
      'icacls "C:\\my key" /inheritance:r',
    ],
  ],
])('PowerShell and cmd.exe read %j', (command, powershell, cmd) => {
  expect(commandLines([command], POWERSHELL)).toEqual(powershell)
  expect(commandLines([command], CMD)).toEqual(cmd)
})

test('PowerShell elsewhere has the folders and rights of its system', () => {
  const run = [set({ A: { inHome: 'a' } }), closeFile('/a b'), program('curl', '-o', '/dev/null', '')]
  expect(commandLines(run, { dialect: 'powershell', isWindows: false })).toEqual([
    '$env:A = "$HOME/a"',
    "chmod 600 '/a b'",
    "curl -o /dev/null ''",
  ])
})

test('the shell that Git brings to Windows is kept from taking a slash for a folder', () => {
  expect(commandLines([closeFile('C:\\a')], inJson(CMD))).toEqual([
    "MSYS_NO_PATHCONV=1 icacls 'C:\\a' /reset",
    `MSYS_NO_PATHCONV=1 icacls 'C:\\a' /grant:r "$USERNAME:(R)"`,
    "MSYS_NO_PATHCONV=1 icacls 'C:\\a' /inheritance:r",
  ])
})

test('a finding is written with the lines of its commands', () => {
  const finding = { what: 'It is so.', why: 'Since.', remedy: { say: 'Do.', run: [flasklab('up')] } }
  expect(writtenFinding(finding, POSIX)).toStrictEqual({
    ...finding,
    remedy: { say: 'Do.', run: ['flasklab up'] },
  })
  expect(writtenFinding({ what: 'It is so.', remedy: { say: 'Do.' } })).toStrictEqual({
    what: 'It is so.',
    remedy: { say: 'Do.' },
  })
})

test('each kind of quote that ends a text in PowerShell is doubled in it', () => {
  const named = program('ssh', '-i', 'C:\\Users\\O’Neil and ‘Co’\\key.pem')
  expect(commandLines([named], POWERSHELL)).toEqual(["ssh -i 'C:\\Users\\O’’Neil and ‘‘Co’’\\key.pem'"])
})
