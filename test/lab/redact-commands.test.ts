import { expect, test } from 'vitest'
import {
  aws,
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
import { commandLines } from '../../src/lab/command-text.ts'
import { redactFinding, redactRecorded } from '../../src/lab/redact.ts'

const SECRET = 'pw1'
const hide = redactRecorded({ passwords: { master: SECRET, app: 'up' } })

test.each<[Command, ...string[]]>([
  [onServer(`mysql -p${SECRET}`), "flasklab ssh -- 'mysql -p********'"],
  [flasklab('status', { lab: SECRET }), "flasklab status --lab '********'"],
  [
    aws('r', 'rds', 'modify-db-instance', {
      'master-user-password': SECRET,
      tags: [{ Key: 'a', Value: SECRET }],
      filters: { Name: SECRET, Values: [SECRET, 'b'] },
      query: outputOf(onServer(SECRET)),
      port: 3306,
      'apply-immediately': true,
    }),
    `aws rds modify-db-instance --master-user-password '********' --tags 'Key=a,Value=********' --filters 'Name=********,Values=********,b' --query "$(flasklab ssh -- '********')" --port 3306 --apply-immediately --region r`,
  ],
  [program('mysql', `-p${SECRET}`), "mysql '-p********'"],
  [set({ A: SECRET, B: { inHome: 'b' } }), "export A='********'", 'export B=~/b'],
  [takeSettings(onServer(SECRET)), `eval "$(flasklab ssh -- '********')"`],
  [move(SECRET, 'b'), "mv '********' b"],
  [closeFile(SECRET), "chmod 600 '********'"],
  [typedAt('mysql', `SET PASSWORD = '${SECRET}';`), "SET PASSWORD = '********';"],
  [chain(onServer(SECRET), flasklab('up')), "flasklab ssh -- '********' && flasklab up"],
  // The words of a command are nobody's password.
  [flasklab('up'), 'flasklab up'],
  [unset('A'), 'unset A'],
  [endProcess(1), 'kill 1'],
  [showClock, 'date -u'],
])('passwords are hidden in %j', (command, ...lines) => {
  const { remedy } = redactFinding({ what: 'x', remedy: { say: 'y', run: [command] } }, hide)
  expect(commandLines(remedy.run ?? [])).toEqual(lines)
})
