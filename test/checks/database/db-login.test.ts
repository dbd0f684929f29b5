import { describe, expect, test } from 'vitest'
import { dbLogin } from '../../../src/checks/database/db-login.ts'
import { databaseLooks, type SqlAccess } from '../../../src/checks/evidence/database.ts'
import { enterServer } from '../../../src/checks/evidence/entry.ts'
import { readServerSurvey } from '../../../src/host/server-survey.ts'
import { commandLines, writtenFinding } from '../../../src/lab/command-text.ts'
import { LabError } from '../../../src/lab/finding.ts'
import type { DatabaseSeen } from '../../../src/lab/ports/databases.ts'
import type { Rows } from '../../../src/lab/ports/host.ts'
import type { Secret } from '../../../src/lab/secret.ts'
import { type FakeWorld, fakeHost, fakeWorld, network } from '../../phases/fake-kit.ts'
import { fakeEvidence, surveyOf, type World } from '../fake-evidence.ts'

const passwords = { master: 'm', app: 'a' }

function ended(message: string, code?: 'untrusted' | 'login-refused'): LabError {
  const finding = { what: 'It ends.', why: message, remedy: { say: '' } }
  return new LabError(finding, { cause: new Error(message), ...(code === undefined ? {} : { code }) })
}

const refuse = (error: LabError) => () => Promise.reject(error)

/** A connection that answers everything with these rows. */
const answering = (rows: Rows) => async () => ({
  query: async () => rows,
  refusalOf: async () => undefined,
  close: async () => {},
})

/** The evidence about a database that is entered so. */
function evidenceOf(
  fake: FakeWorld,
  as: SqlAccess['as'],
  { survey = surveyOf(), ...world }: World & { readonly survey?: ReturnType<typeof surveyOf> } = {},
) {
  fake.kit.record.save({ passwords })
  const base = { ...fakeEvidence({ record: { passwords }, ...world }), survey: async () => survey }
  const entry = { ...enterServer(fake.kit, base), host: async () => fakeHost(() => ({})).host }
  const open = async (user: string, password: Secret) => {
    const { endpoint = { host: '', port: 0 } } = (await base.database()) ?? {}
    return fake.kit.sql(await entry.host(), { endpoint, user, password, database: '' })
  }
  const access = { as, open, end: () => {} }
  return { ...base, ...databaseLooks(fake.kit, base, entry, access) }
}

const failing = (error: LabError, world: World = {}) => {
  using fake = fakeWorld()
  return evidenceOf(fake, { master: refuse(error), app: refuse(error) }, world)
}

describe('a certificate that is not accepted is no matter of passwords', () => {
  test.each([
    [
      'of an unknown authority',
      'unable to get local issuer certificate',
      'rds-ca-rsa2048-g1 of us-east-1, which is not among',
      'flasklab up',
    ],
    ['that has ended', 'certificate has expired', 'Certificates of RDS end', '--ca-certificate-identifier'],
    [
      'for another name',
      'Hostname/IP does not match certificate’s altnames',
      'not that database',
      'getent ahosts db.example',
    ],
  ])('be it one %s', async (_, said, why, run) => {
    const outcome = await dbLogin.examine(failing(ended(said, 'untrusted'))).catch((error) => error)
    expect(writtenFinding(outcome.finding)).toMatchObject({
      what: `The TLS certificate of the database flaskdb-instance is not accepted: ${said}.`,
      why: expect.stringContaining(why),
      remedy: { run: [expect.stringContaining(run)] },
    })
    expect(outcome.mend).toBeUndefined()
  })

  test('and one of an authority of its own is made anew by the usual one', async () => {
    const evidence = failing(ended('self-signed certificate', 'untrusted'), {
      database: { authority: 'my-own-ca' },
    })
    const outcome = await dbLogin.examine(evidence).catch((error) => error)
    expect(outcome.finding.why).toContain('my-own-ca of us-east-1')
    expect(commandLines(outcome.finding.remedy.run).join()).toContain(
      '--ca-certificate-identifier rds-ca-rsa2048-g1',
    )
  })
})

test('a connection that fails otherwise is told as itself, a refused login as a changed password', async () => {
  const lost = ended('Too many connections')
  expect(await dbLogin.examine(failing(lost)).catch((error) => error)).toBe(lost)
  expect(await dbLogin.examine(failing(ended('Access denied', 'login-refused')))).toMatchObject({
    finding: { why: expect.stringContaining('Somebody has changed the master password') },
  })
})

test('a password that is set again is waited for, also while the database is still called available', async () => {
  const states = ['available', 'available', 'resetting-master-credentials', 'available']
  const said: string[] = []
  const seen = await fakeEvidence({}).database()
  const refused = ended('Access denied', 'login-refused')
  using world = fakeWorld(
    {
      setMasterPassword: async () => void said.push('set'),
      findNetwork: async () => network,
      findDatabase: async () => {
        const status = states.shift() ?? 'available'
        said.push(status)
        return { ...(seen as DatabaseSeen), status }
      },
    },
    { sql: refuse(refused), connect: async () => fakeHost(() => ({})).host },
  )
  world.kit.record.save({ hostKeys: { 'i-1': ['ssh-ed25519 AAAA'] } })
  const outcome = await dbLogin.examine(evidenceOf(world, { master: refuse(refused), app: refuse(refused) }))
  await (outcome.status === 'fail' && outcome.mend?.apply(world.kit))
  expect(said).toEqual([
    'set',
    'available',
    'available',
    'resetting-master-credentials',
    'available',
    'available',
  ])
})

describe('an app made by hand, with a database that demands TLS', () => {
  const examine = (config: string, needed = 1) => {
    using fake = fakeWorld({}, { isHandmade: true })
    const sql = answering([{ needed }])
    const survey = readServerSurvey(`#config\n ${config}\n=0\n`)
    return dbLogin.examine(evidenceOf(fake, { master: sql, app: sql }, { isHandmade: true, survey }))
  }

  test('a configuration without TLS is told with the number of its error', async () => {
    expect(await examine("db_config = {'host': 'h', 'ssl_disabled': True}")).toMatchObject({
      status: 'fail',
      finding: { why: expect.stringContaining('3159') },
    })
    expect(await examine("db_config = {'host': 'h'}")).toMatchObject({
      status: 'pass',
      remark: expect.stringContaining('3159'),
    })
  })

  test('one with TLS passes, and so does any where it is not demanded', async () => {
    const remark = 'over TLS, which the database demands'
    expect(await examine("{'ssl_ca': 'rds-ca.pem'}")).toEqual({ status: 'pass', remark })
    expect(await examine("{'ssl_disabled': True}", 0)).toEqual({ status: 'pass' })
  })
})

describe('an app password that the database refuses, and the app’s settings do not have', () => {
  const examine = async (accepted: string) => {
    const world = fakeWorld(
      {},
      {
        sql: async (_host, { password }) => {
          if (password.reveal() !== accepted) throw ended('Access denied', 'login-refused')
          return answering([])()
        },
      },
    )
    const env = { is: 'file', settings: { RDS_PASSWORD: 'theirs' }, hasMark: false } as const
    const as = {
      master: answering([{ host: '%', fits: 1 }]),
      app: refuse(ended('Access denied', 'login-refused')),
    }
    return { outcome: await dbLogin.examine(evidenceOf(world, as, { survey: surveyOf({ env }) })), world }
  }

  test('is the record’s alone, where the database accepts theirs: the record takes it', async () => {
    const { outcome, world } = await examine('theirs')
    using _ = world
    expect(outcome).toMatchObject({
      finding: { what: expect.stringContaining('The lab’s record has another password for flaskapp') },
      explains: ['app-env'],
    })
    await (outcome.status === 'fail' && outcome.mend?.apply(world.kit))
    expect(world.kit.record.value.passwords).toEqual({ master: 'm', app: 'theirs' })
  })

  test('is a changed one, where it does not', async () => {
    const { outcome, world } = await examine('another')
    using _ = world
    expect(outcome).toMatchObject({ finding: { why: expect.stringContaining('Its password was changed.') } })
    expect(outcome).not.toHaveProperty('explains')
  })
})
