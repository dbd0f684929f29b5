import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { follow, prepareGround } from '../support/drill-ground.ts'
import { databaseRule } from '../support/student.ts'

const { student, type, examine } = prepareGround()

const RESTART = 'sudo systemctl daemon-reload; sudo systemctl restart flasklogin'
const UNIT = 'FlaskLoginApp/flasklogin.service'

const onServer = (command: string) => type('ssh', '--', command)

/** A program that has the site's port, started by hand and left behind. */
const LISTENER = `require("http").createServer().listen(5000)`
const TAKE_PORT = [
  'sudo systemctl stop flasklogin',
  `(setsid node-22 -e '${LISTENER}' </dev/null >/dev/null 2>&1 &)`,
  'until ss -ltn | grep -q :5000; do sleep 0.1; done',
].join('; ')
const OTHER_SERVICE = [
  'sudo systemctl stop flasklogin',
  `printf '%s\\n' '${LISTENER}' >~/other.cjs`,
  `printf '[Service]\\nExecStart=%s %s\\nRestart=always\\n[Install]\\nWantedBy=multi-user.target\\n' "$(command -v node-22)" ~/other.cjs >~/other.service`,
  'sudo systemctl enable --now ~/other.service',
  'until ss -ltn | grep -q :5000; do sleep 0.1; done',
].join('; ')

test.each([
  [
    'a syntax error in app.js',
    `echo 'const x = ;' >>FlaskLoginApp/app.js; ${RESTART}`,
    'app-service',
    [/the app ends as soon as it is started/, /put them into ~\/FlaskLoginApp: app\.js\./, /SyntaxError/],
  ],
  [
    'certificates that are none',
    `echo garbage >FlaskLoginApp/rds-ca.pem; ${RESTART}`,
    'app-service',
    [/put them into ~\/FlaskLoginApp: rds-ca\.pem\./, /holds no certificate/],
  ],
  [
    'a dependency that is gone',
    `rm -r FlaskLoginApp/node_modules/fastify; ${RESTART}`,
    'app-files',
    [/node_modules\/fastify/],
  ],
  [
    'a port that is no number',
    `sed -i 's/^PORT=.*/PORT="abc"/' FlaskLoginApp/.env; ${RESTART}`,
    'app-service',
    [/PORT in \.env is "abc", not "5000"/],
  ],
  [
    'a unit with another program',
    `sed -i 's|^ExecStart=.*|ExecStart=/opt/node app.js|' ${UNIT}; ${RESTART}`,
    'app-service',
    [/not as phase 7 wrote it \(ExecStart\)/],
  ],
  [
    'a unit with another folder',
    `sed -i 's|^WorkingDirectory=.*|WorkingDirectory=/home/ubuntu|;s/^Restart=.*/User=nobody/' ${UNIT}; ${RESTART}`,
    'app-service',
    [/\(WorkingDirectory, Restart, User\)/],
  ],
  [
    'a program that took the port while the service was restarted',
    `${TAKE_PORT}; sudo systemctl start flasklogin`,
    'app-service',
    [/Another program has port 5000 on the server: .*node.* -e .*\(process \d+\)/, /EADDRINUSE/],
  ],
  [
    'a program that took the port of the service that was stopped',
    TAKE_PORT,
    'app-service',
    [/\(process \d+\)/],
  ],
  [
    'another service on the port',
    `${OTHER_SERVICE}; sudo systemctl start flasklogin`,
    'app-service',
    [/process \d+ of other\.service/],
  ],
  [
    'settings that are a folder',
    `rm FlaskLoginApp/.env; mkdir FlaskLoginApp/.env; ${RESTART}`,
    'app-env',
    [/\.env on the server is a folder/],
  ],
  [
    'settings with a byte order mark',
    `cd FlaskLoginApp && printf '\\xef\\xbb\\xbf' | cat - .env >.env.bom && mv .env.bom .env; ${RESTART}`,
    'app-env',
    [/RDS_HOST is missing/, /byte order mark/],
  ],
] as const)('%s: the doctor tells, and its remedy heals', async (_, fault, cause, words) => {
  await student().types(['ssh', '--', fault])
  const broken = await examine()
  expect(broken.rootCauses).toEqual([cause])
  const finding = broken.checks.find(({ id }) => id === cause)?.finding
  for (const each of words) expect(`${finding?.what}\n${finding?.why}`).toMatch(each)
  await follow(finding?.remedy.run ?? [], student())
  expect(await examine()).toMatchObject({ healthy: true, rootCauses: [] })
})

test('settings whose last line has no end are right', async () => {
  await onServer('cd FlaskLoginApp && printf %s "$(cat .env)" >.env.new && mv .env.new .env')
  expect(await examine()).toMatchObject({ healthy: true, rootCauses: [] })
})

test('lost settings explain a service that fails, also while the database can’t be reached', async () => {
  const { revoke, authorize } = await databaseRule(student())
  await revoke()
  await onServer(`rm FlaskLoginApp/.env; ${RESTART}`)
  const { rootCauses, checks } = await examine()
  await authorize()
  await type('up')
  expect(rootCauses).toEqual(['db-ingress', 'app-env'])
  expect(checks.find(({ id }) => id === 'app-service')).toMatchObject({
    status: 'blocked',
    blockedBy: ['app-env'],
  })
  expect(await examine()).toMatchObject({ healthy: true })
})

test('the words of the app that up quotes hold no password', async () => {
  const record = join(student().home, 'labs', 'lab', 'lab.json')
  const { passwords } = JSON.parse(readFileSync(record, 'utf8'))
  await onServer(`sed -i '1i throw new Error(process.env.RDS_PASSWORD)' FlaskLoginApp/app.js; ${RESTART}`)
  const { code, stderr } = await student().types(['up'])
  await onServer(`sed -i 1d FlaskLoginApp/app.js; ${RESTART}`)
  expect(code).toBe(1)
  expect(stderr).toContain('Error: ********')
  expect(stderr).not.toContain(passwords.app)
})
