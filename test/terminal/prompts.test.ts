import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { UsageError } from '../../src/lab/finding.ts'
import { createAsk } from '../../src/terminal/prompts.ts'
import type { Reporter } from '../../src/terminal/reporter.ts'
import { fakeIo } from '../support/fake-io.ts'

/** Nobody may be asked here, so nothing may be cleared for it. */
const reporter: Reporter = {
  tell: () => {},
  pause: () => {
    throw new Error('A question was about to be asked.')
  },
  end: () => {},
}

test('--yes answers every question with yes, whatever its fallback', async () => {
  for (const interactive of [true, false]) {
    const ask = createAsk({ io: fakeIo(), reporter, interactive, yes: true })
    expect(await ask.confirm('Delete it?', { fallback: false, flag: '--yes' })).toBe(true)
    expect(await ask.typeBack('Type lab:', { word: 'lab', flag: '--yes' })).toBe(true)
    expect(await ask.goOn('Do phase 2 now?')).toBe(true)
  }
})

test('without a terminal a question is wrong usage, and the error names its flag', async () => {
  const ask = createAsk({ io: fakeIo(), reporter, interactive: false, yes: false })
  const error = await ask
    .confirm('Delete it?', { fallback: true, flag: '--yes' })
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(UsageError)
  expect((error as UsageError).finding).toEqual({
    what: 'This can’t be asked, without a terminal or with --no-input: Delete it?',
    remedy: { say: 'Answer it on the command line with --yes.' },
  })
})

test('without a terminal a word can’t be typed either', async () => {
  const ask = createAsk({ io: fakeIo(), reporter, interactive: false, yes: false })
  const typed = ask.typeBack('Type lab:', { word: 'lab', flag: '--yes' })
  await expect(typed).rejects.toThrow(UsageError)
})

test('without a terminal nobody is asked between two phases', async () => {
  expect(
    await createAsk({ io: fakeIo(), reporter, interactive: false, yes: false }).goOn('Do phase 2 now?'),
  ).toBe(true)
})

test.each([
  ['lab', true],
  [' lab ', true],
  ['Lab', false],
  ['', false],
])('at a terminal "%s" for the word lab is %s', async (typed, isAgreed) => {
  const stdin = new PassThrough()
  const asking = { ...reporter, pause: () => {} }
  const ask = createAsk({ io: { ...fakeIo(), stdin }, reporter: asking, interactive: true, yes: false })
  const answer = ask.typeBack('Type lab:', { word: 'lab', flag: '--yes' })
  stdin.write(`${typed}\n`)
  expect(await answer).toBe(isAgreed)
})
