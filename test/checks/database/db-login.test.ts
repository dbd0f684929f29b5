import { describe, expect, test } from 'vitest'
import { dbLogin } from '../../../src/checks/database/db-login.ts'
import type { Evidence } from '../../../src/checks/evidence.ts'
import { LabError } from '../../../src/lab/finding.ts'
import type { DatabaseSeen } from '../../../src/lab/ports/databases.ts'
import type { Sql } from '../../../src/lab/ports/host.ts'
import type { Secret } from '../../../src/lab/secret.ts'
import { fakeWorld } from '../../phases/fake-kit.ts'
import { fakeEvidence, type World } from '../fake-evidence.ts'

const passwords = { master: 'm', app: 'a' }
const record = { value: { allowFrom: '0.0.0.0/0', passwords } }

function ended(message: string, code?: 'untrusted' | 'login-refused'): LabError {
  const finding = { what: 'It ends.', why: message, remedy: { say: '' } }
  return new LabError(finding, { cause: new Error(message), ...(code === undefined ? {} : { code }) })
}

const failing = (error: LabError, world: World = {}): Evidence => ({
  ...fakeEvidence({ ...world, kit: { record } }),
  sql: async () => {
    throw error
  },
})

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
    expect(outcome.finding).toMatchObject({
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
    expect(outcome.finding.remedy.run.join()).toContain('--ca-certificate-identifier rds-ca-rsa2048-g1')
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
  using world = fakeWorld(
    {
      setMasterPassword: async () => void said.push('set'),
      findNetwork: async () => ({}) as never,
      findDatabase: async () => {
        const status = states.shift() ?? 'available'
        said.push(status)
        return { ...(seen as DatabaseSeen), status }
      },
    },
    {
      sql: async () => {
        throw ended('Access denied', 'login-refused')
      },
    },
  )
  world.kit.record.save({ passwords })
  const evidence = {
    ...failing(ended('Access denied', 'login-refused')),
    kit: world.kit,
    host: async () => ({}),
  }
  const outcome = await dbLogin.examine(evidence as unknown as Evidence)
  await (outcome.status === 'fail' && outcome.mend?.apply())
  expect(said).toEqual([
    'set',
    'available',
    'available',
    'resetting-master-credentials',
    'available',
    'available',
  ])
})

describe('of an app made by hand, whose database demands TLS', () => {
  const examine = (config: string, needed = 1) => {
    const evidence = {
      ...fakeEvidence({ isHandmade: true }),
      around: async () => ({ config: { code: 0, text: config } }),
      sql: async () => ({ query: async () => [{ needed }] }),
    }
    return dbLogin.examine(evidence as unknown as Evidence)
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
        sql: async (_host: unknown, { password }: { password: Secret }) => {
          if (password.reveal() !== accepted) throw ended('Access denied', 'login-refused')
          return { close: async () => {} } as Sql
        },
      },
    )
    world.kit.record.save({ passwords })
    const evidence = {
      ...fakeEvidence({}),
      kit: world.kit,
      host: async () => ({}),
      around: async () => ({ env: { code: 0, text: 'RDS_PASSWORD="theirs"' } }),
      sql: async (who: string) => {
        if (who === 'app') throw ended('Access denied', 'login-refused')
        return { query: async () => [{ host: '%', fits: 1 }] }
      },
    }
    const outcome = await dbLogin.examine(evidence as unknown as Evidence)
    return { outcome, world }
  }

  test('is the record’s alone, where the database accepts theirs: the record takes it', async () => {
    const { outcome, world } = await examine('theirs')
    using _ = world
    expect(outcome).toMatchObject({
      finding: { what: expect.stringContaining('The lab’s record has another password for flaskapp') },
      explains: ['app-env'],
    })
    await (outcome.status === 'fail' && outcome.mend?.apply())
    expect(world.kit.record.value.passwords).toEqual({ master: 'm', app: 'theirs' })
  })

  test('is a changed one, where it does not', async () => {
    const { outcome, world } = await examine('another')
    using _ = world
    expect(outcome).toMatchObject({ finding: { why: expect.stringContaining('Its password was changed.') } })
    expect(outcome).not.toHaveProperty('explains')
  })
})
