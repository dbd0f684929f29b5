import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { laptopLooks } from '../../../src/checks/evidence/laptop.ts'
import { keyFile } from '../../../src/checks/laptop/key-file.ts'
import type { Outcome } from '../../../src/lab/check.ts'
import { commandLines } from '../../../src/lab/command-text.ts'
import { createKeys } from '../../../src/remote/keys.ts'
import { fakeWorld } from '../../phases/fake-kit.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { fakeEvidence, type World } from '../fake-evidence.ts'

const LAUNCH_ANOTHER = ['aws ec2 terminate-instances --instance-ids i-1 --region us-east-1', 'flasklab up']

/** Asks of a key that is the lab's own, after something was done to its file. */
async function ask(
  change: (path: string) => unknown,
  world: World = {},
  keepsRightsInLists = false,
): Promise<Told> {
  using folder = tempFolder()
  const path = join(folder.path, 'key.pem')
  const keys = createKeys(path, 'c')
  const own = await keys.publicKey()
  await change(path)
  const laptop = { setClock: [], renewCredentials: [], keepsRightsInLists }
  using fake = fakeWorld({}, { keys })
  const outcome = await keyFile.examine({
    ...fakeEvidence({ ...world, lab: { keyFile: path, laptop } }),
    ...laptopLooks(fake.kit),
    keyPair: async () => own,
  })
  const { what = '', remedy } = 'finding' in outcome ? outcome.finding : {}
  const short = (text: string) => text.replaceAll(path, 'KEY')
  if ('mend' in outcome) await outcome.mend?.apply(fake.kit)
  const mended = 'mend' in outcome ? readFileSync(path, 'utf8') : ''
  const windows = { dialect: 'powershell', isWindows: true } as const
  const remark =
    outcome.status === 'pass' && outcome.remark !== undefined
      ? short([outcome.remark, commandLines(outcome.run ?? [], windows).join('; ')].join(' '))
      : ''
  return {
    status: outcome.status,
    what: short(what),
    run: commandLines(remedy?.run ?? []).map(short),
    remark,
    mended,
  }
}

interface Told {
  readonly status: Outcome['status']
  readonly what: string
  readonly run: readonly string[]
  readonly remark: string
  /** The file, after what --fix does. */
  readonly mended: string
}

async function replaceByAnother(path: string): Promise<void> {
  rmSync(path)
  await createKeys(path, 'c').publicKey()
}

test('the lab’s own key passes', async () => {
  expect(await ask(() => {})).toMatchObject({ status: 'pass', what: '', run: [] })
})

test.each([
  ['is empty', (path: string) => writeFileSync(path, '\n')],
  ['can’t be read as one', (path: string) => writeFileSync(path, 'not a key\n')],
  [
    'is a folder',
    (path: string) => {
      rmSync(path)
      mkdirSync(path)
    },
  ],
])('a file that %s is told as that, and kept when another server is launched', async (wrong, change) => {
  expect(await ask(change)).toMatchObject({
    status: 'fail',
    what: `The lab’s private key should be at KEY, which ${wrong}.`,
    run: ['mv KEY KEY.other', ...LAUNCH_ANOTHER],
  })
})

test('a key of something else is told by its fingerprint, and by that of the server’s pair', async () => {
  const { status, what, run } = await ask(replaceByAnother)
  expect({ status, run }).toEqual({ status: 'fail', run: ['mv KEY KEY.other', ...LAUNCH_ANOTHER] })
  expect(what).toMatch(
    /^The private key KEY is not that of i-1: it is SHA256:\S+, and the server’s key pair flasklab-lab-0a1b is SHA256:\S+\.$/,
  )
})

test('another key that was let in on the server itself is as good', async () => {
  expect(await ask(replaceByAnother, { login: 'in' })).toMatchObject({ status: 'pass' })
})

test('for a server made by hand, the file is to be named; nothing is moved or terminated', async () => {
  const told = await ask(replaceByAnother, { isHandmade: true })
  expect(told).toMatchObject({ status: 'fail', run: [] })
})

const whole = (path: string) => readFileSync(path, 'utf8')

test.each([
  ['its lines end as on Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ['it begins with an invisible byte order mark', (text: string) => `\uFEFF${text}`],
  ['its last line has no end', (text: string) => text.trimEnd()],
  ['something stands before its first line', (text: string) => `\n${text}`],
])('a key that OpenSSH does not take, as %s, is told, and written as it wants it', async (oddity, change) => {
  let own = ''
  const spoil = (path: string) => {
    own = whole(path)
    writeFileSync(path, change(own))
  }
  const told = await ask(spoil)
  expect(told).toMatchObject({
    status: 'fail',
    what: `OpenSSH does not take the lab’s private key KEY: ${oddity}.`,
    run: ['flasklab doctor --fix --yes'],
    mended: own,
  })
  const byHand = await ask(spoil, { isHandmade: true })
  expect(byHand.run[0]).toMatch(/^perl .* KEY$/)
})

test('a key with a passphrase is told as that: the passphrase goes, the server stays', async () => {
  const locked = await ask(
    (path) => void execFileSync('ssh-keygen', ['-q', '-p', '-f', path, '-N', 'secret']),
  )
  expect(locked).toMatchObject({
    status: 'fail',
    what: 'The private key KEY has a passphrase.',
    run: ["ssh-keygen -p -f KEY -N ''"],
  })
})

test('a key that others may read is closed to them', async () => {
  expect(await ask((path) => chmodSync(path, 0o644))).toMatchObject({
    status: 'fail',
    run: ['chmod 600 KEY'],
  })
})

test('on Windows, where modes say nothing, the rights are taken away by icacls', async () => {
  const told = await ask((path) => chmodSync(path, 0o644), {}, true)
  expect(told.status).toBe('pass')
  expect(told.remark).toContain(
    'take the rights of others away with: icacls KEY /reset; icacls KEY /grant:r "$($env:USERNAME):(R)"; icacls KEY /inheritance:r',
  )
})
