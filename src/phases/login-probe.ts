import { randomBytes } from 'node:crypto'
import { LabError } from '../lab/finding.ts'
import { type Database, handout, type Proof, type ProofStep, type Server, type Site } from '../lab/lab.ts'
import type { Page, Sql } from '../lab/ports/host.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { newPassword } from '../lab/secret.ts'
import { passwords } from './4-create-database.ts'
import { type ConnectKit, connectTo } from './host-key.ts'
import type { PageForm } from './page-form.ts'

type ProbeKit = ConnectKit & Pick<Kit, 'browse' | 'ifInterrupted' | 'sql'>

const SSH_MS = 10_000
const TABLE = `${handout.schema}.users`

/** Loads the HTML parser, only where a page is read or shortly before. */
export const readingPages = () => import('./page-form.ts')

interface Subject {
  readonly server: Server
  readonly database: Database
  readonly site: Site
}

/**
 * Proves the app as the handout's phase 8 does by hand: registers a user, logs in, is refused with a wrong
 * password, reads the row from the database by a new connection, and removes it. `connect`: who has opened a new
 * connection already hands it in, and closes it.
 */
export async function testLogin(
  subject: Subject,
  kit: ProbeKit,
  connect?: () => Promise<Sql>,
): Promise<Proof> {
  const name = `flasklab-test-${randomBytes(4).toString('hex')}`
  const password = newPassword().reveal()
  const { url } = subject.site
  const shown = [formAt(`${url}/`, kit), formAt(`${url}/login`, kit)] as const
  // The stages that await a form tell of its failure.
  for (const form of shown) form.catch(() => {})
  const [registerForm, loginForm] = shown
  const send = (form: PageForm, pwd: string, expected: Expected, end: string) =>
    sendForm({ form, name, password: pwd, end }, expected, kit)
  let sql: Sql | undefined
  let settled = () => {}
  const stages: Trials[] = [
    {
      site: async () => {
        await registerForm
        return `${url}/ shows the form`
      },
      // Before anybody is registered: whoever could not be removed would stay.
      database: async () => {
        sql = await (connect?.() ?? openDatabase(subject, kit))
        return `a new connection from ${subject.server.id} to ${subject.database.id} is accepted`
      },
    },
    {
      register: async () => {
        const stored = registerForm.then((form) => send(form, password, [200, ''], `stored ${name}`))
        // The app stores the user though nobody waits for its answer any more.
        settled = kit.ifInterrupted(() => stored.catch(() => {}).then(() => erase(sql, name)))
        return stored
      },
    },
    {
      login: async () => {
        const welcome = `Welcome, ${name}! You have successfully logged in.`
        return send(await loginForm, password, [200, welcome], 'says Welcome')
      },
      refused: async () => {
        const form = await loginForm
        await send(form, `${password}x`, [401, 'Invalid Username or Password'], 'refuses a wrong password')
        return 'a wrong password is refused'
      },
      row: () => readRow(sql, name, password),
    },
  ]
  const steps = await tryInStages(stages)
  if (steps.some((step) => step.id === 'register' && step.passed)) steps.push(await remove(sql, name))
  settled()
  // The steps tell already how it went.
  if (connect === undefined) await sql?.close().catch(() => {})
  return { steps }
}

type Expected = readonly [status: number, text: string]

interface Sent {
  readonly form: PageForm
  readonly name: string
  readonly password: string
  /** How the sentence about it ends. */
  readonly end: string
}

async function sendForm(
  { form, name, password, end }: Sent,
  expected: Expected,
  { browse }: Pick<Kit, 'browse'>,
): Promise<string> {
  const detail = `${form.method} ${form.action.pathname} ${end}`
  const { submission } = await readingPages()
  const page = await browse(...submission(form, name, password))
  // They explain nothing where the server itself is in trouble.
  const fields =
    page.status < 500 ? `; its form sends ${form.fields.map((field) => field.name).join(', ')}` : ''
  return expectPage(page, ...expected, detail, fields)
}

/** The trials of one stage run at the same time. */
type Trials = Readonly<Record<string, () => Promise<string>>>

/** Each stage needs the ones before it: after a failure the rest is said to be not tried. */
async function tryInStages(stages: readonly Trials[]): Promise<ProofStep[]> {
  const steps: ProofStep[] = []
  for (const stage of stages) {
    const failed = steps.find((step) => !step.passed)
    const trials = Object.entries(stage).map(([id, trial]) =>
      failed
        ? { id, passed: false, tried: false as const, detail: `not tried, as "${failed.id}" failed` }
        : trial().then(
            (detail) => ({ id, passed: true, detail }),
            (error: unknown) => ({ id, passed: false, detail: explain(error) }),
          ),
    )
    steps.push(...(await Promise.all(trials)))
  }
  return steps
}

function explain(error: unknown): string {
  if (error instanceof LabError) return [error.finding.what, error.finding.why].filter(Boolean).join(' ')
  return error instanceof Error ? error.message : String(error)
}

async function formAt(url: string, kit: Pick<Kit, 'browse'>): Promise<PageForm> {
  const page = await kit.browse(url)
  const detail = `${url} shows its form`
  await expectPage(page, 200, '', detail)
  const { readForm } = await readingPages()
  try {
    return readForm(page, url)
  } catch (cause) {
    throw new Error(`${detail}: no, ${(cause as Error).message}`, { cause })
  }
}

async function expectPage(
  page: Page,
  status: number,
  text: string,
  detail: string,
  sent = '',
): Promise<string> {
  if (page.status === status && (await shows(page, text))) return detail
  const missing =
    page.status === status ? `its page lacks "${text}"` : `it answered ${page.status}, not ${status}`
  throw new Error(`${detail}: no, ${missing}${sent}`)
}

async function shows(page: Page, text: string): Promise<boolean> {
  return page.text.includes(text) || (await readingPages()).textOf(page).includes(text)
}

async function openDatabase({ server, database }: Subject, kit: ConnectKit & Pick<Kit, 'sql'>): Promise<Sql> {
  const host = await connectTo(server, kit, SSH_MS)
  return kit.sql(host, {
    endpoint: database.endpoint,
    user: handout.masterUser,
    password: passwords(kit).master,
    database: handout.schema,
  })
}

async function readRow(sql: Sql | undefined, name: string, password: string): Promise<string> {
  const rows = await sql?.query(`SELECT id, name, password_hash FROM ${TABLE} WHERE name = ?`, [name])
  const row = rows?.[0]
  if (row === undefined) throw new Error(`The table has no row for ${name}.`)
  if (String(row['password_hash']).includes(password)) throw new Error('The table holds the password itself.')
  return `row ${row['id']} holds the name and a hash, not the password`
}

async function erase(sql: Sql | undefined, name: string): Promise<void> {
  await sql?.query(`DELETE FROM ${TABLE} WHERE name = ?`, [name])
}

/** Users of former tests that were killed; a test that is still at work is younger. */
const LEFT_OVER = `DELETE FROM ${TABLE} WHERE name REGEXP '^flasklab-test-[0-9a-f]{8}$' AND created_at < NOW() - INTERVAL 10 MINUTE`

async function remove(sql: Sql | undefined, name: string): Promise<ProofStep> {
  try {
    // Whether the app works does not hang on what a former test has left.
    await Promise.all([erase(sql, name), sql?.query(LEFT_OVER, []).catch(() => {})])
    return { id: 'removed', passed: true, detail: `the test user ${name} is removed` }
  } catch (error) {
    return { id: 'removed', passed: false, detail: `the test user ${name} is still there: ${explain(error)}` }
  }
}
