import { describe, expect, test } from 'vitest'
import { hostKey } from '../../../src/checks/server/host-key.ts'
import { sshLogin } from '../../../src/checks/server/ssh-login.ts'
import { program } from '../../../src/lab/command.ts'
import { fakeEvidence, surveyOf, type World } from '../fake-evidence.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const TERMINATE = 'aws ec2 terminate-instances --instance-ids i-1 --region us-east-1'
const minutesAgo = (minutes: number) => ({ launchedAt: NOW - minutes * 60_000 })

function evidenceOf(world: World, isWhole = true) {
  const refusal = { what: 'It refuses.', why: 'Because.', remedy: { say: 'Do.', run: [program('do')] } }
  return {
    ...fakeEvidence({ refusal, lab: { examinedAt: NOW + 1_000_000, keyFile: 'my.pem' }, ...world }),
    clockOffset: async () => -1_000_000,
    survey: async () => surveyOf({ isWhole }),
  }
}

const findingOf = async (world: World) => {
  const outcome = await sshLogin.examine(evidenceOf(world))
  return 'finding' in outcome ? outcome.finding : undefined
}

describe.each(['denied', 'no-answer'] as const)('a server that was started just now (%s)', (login) => {
  test('is given time before anything is done to it', async () => {
    expect(await findingOf({ login, server: minutesAgo(2.5) })).toMatchObject({
      what: 'It refuses.',
      why: expect.stringContaining('It was started 2 minutes ago.'),
      remedy: { say: expect.stringMatching(/^Wait two or three minutes/), run: ['flasklab doctor'] },
    })
  })

  test('but not where it serves the site already, or is older', async () => {
    const worlds: World[] = [{ server: minutesAgo(2), site: 'answers' }, { server: minutesAgo(6) }]
    for (const world of worlds) {
      const run = login === 'denied' ? [TERMINATE, 'flasklab up'] : ['do']
      expect((await findingOf({ login, ...world }))?.remedy.run).toEqual(run)
    }
  })
})

test('on a server made by hand another key or another user is likelier than a broken server', async () => {
  const finding = await findingOf({ login: 'denied', isHandmade: true, server: { keyName: 'mine' } })
  expect(finding).toMatchObject({
    what: 'The server i-1 does not accept the key my.pem for ec2-user.',
    why: expect.stringContaining('its key pair is mine'),
    remedy: { say: expect.stringMatching(/^Name the right file with --key\..*last resort/) },
  })
  expect(finding?.remedy.run).toBeUndefined()
})

test('a server whose sshd does not answer has shown no host key', async () => {
  expect(await hostKey.examine(evidenceOf({ login: 'no-answer' }))).toMatchObject({ status: 'skipped' })
  expect(await hostKey.examine(evidenceOf({ login: 'denied' }))).toEqual({ status: 'pass' })
})

test('a shell that ends before it answers is one cause, with what may end it and a way around it', async () => {
  const ask = (isWhole: boolean) => sshLogin.examine(evidenceOf({ login: 'in' }, isWhole))
  expect(await ask(true)).toEqual({ status: 'pass' })
  expect(await ask(false)).toMatchObject({
    status: 'fail',
    finding: {
      what: expect.stringContaining('its shell ends before it has run'),
      why: expect.stringContaining('~/.bashrc'),
      remedy: {
        say: expect.stringMatching(/Edit user data.*Terminate the server/),
        run: [TERMINATE, 'flasklab up'],
      },
    },
  })
})
