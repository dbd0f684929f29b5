import { expect, test } from 'vitest'
import { withoutPasswords } from '../../src/checks/redact-passwords.ts'
import type { Result } from '../../src/lab/check.ts'
import { typedAt } from '../../src/lab/command.ts'
import { fakeEvidence, surveyOf } from './fake-evidence.ts'

const APP = 'kR7Wq2'.repeat(5)
const MASTER = 'mA5teR'.repeat(5)

async function told(
  text: string,
  files: Readonly<Partial<Record<'env' | 'config', Readonly<Record<string, string>>>>>,
): Promise<string> {
  const evidence = {
    ...fakeEvidence({ record: { passwords: { master: MASTER, app: APP } } }),
    survey: async () =>
      surveyOf({
        env: { is: 'file', settings: files.env ?? {}, hasMark: false },
        config: { settings: files.config ?? {}, tls: 'unnamed' },
      }),
  }
  const finding = { what: text, why: text, remedy: { say: text, run: [typedAt('mysql', text)] } }
  const [failed, passed] = await withoutPasswords(
    [
      { id: 'a', title: 'A', status: 'fail', finding },
      { id: 'b', title: 'B', status: 'pass', remark: text },
    ] satisfies Result[],
    evidence,
  )
  const hidden = (passed as { remark: string }).remark
  const everywhere = { what: hidden, why: hidden, remedy: { say: hidden, run: [hidden] } }
  expect(failed).toMatchObject({ id: 'a', title: 'A', finding: everywhere })
  return hidden
}

test('no finding of the doctor shows a password of the lab, wherever it comes from', async () => {
  const swapped = { env: { RDS_USER: APP, RDS_PASSWORD: 'flaskapp' } }
  expect(await told(`RDS_USER is "${APP}", not "flaskapp"`, swapped)).toBe(
    'RDS_USER is "********", not "flaskapp"',
  )
  expect(await told(`(user x${MASTER}y)`, {})).toBe('(user x********y)')
})

test('nor a password that stands in the settings on the server', async () => {
  const env = { env: { RDS_PASSWORD: 's.cret (1)', PORT: '5000' } }
  expect(await told('denied for s.cret (1) at 5000', env)).toBe('denied for ******** at 5000')
  const config = { config: { user: 'admin', password: 'lab' } }
  expect(await told('the lab: admin', config)).toBe('the lab: admin')
  const short = { config: { user: 'admin', password: 'flask' } }
  expect(await told('run flasklab with flask', short)).toBe('run flasklab with ********')
})
