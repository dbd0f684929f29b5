import { expect, test } from 'vitest'
import { appListen } from '../../src/checks/service.ts'
import type { Sight } from '../../src/checks/sight.ts'
import { fakeSight } from './fake-sight.ts'

const examine = (listening: string, isHandmade: boolean) =>
  appListen.examine({
    ...fakeSight({ isHandmade }),
    service: async () => ({ listening: { code: 0, text: listening } }),
    around: async () => ({ env: { code: 0, text: 'HOST="127.0.0.1"' } }),
  } as unknown as Sight)

test('a Flask app that only its own server reaches is told in Flask’s words', async () => {
  const local = 'LISTEN 0 128 127.0.0.1:5000 0.0.0.0:*'
  const byHand = await examine(local, true)
  expect(byHand).toMatchObject({
    finding: {
      what: 'The app listens on 127.0.0.1:5000 only.',
      remedy: { say: expect.stringContaining("app.run(host='0.0.0.0', port=5000)") },
    },
  })
  expect(JSON.stringify(byHand)).not.toMatch(/HOST in|phase 7 does/)
  expect(await examine('', true)).toMatchObject({
    finding: { remedy: { say: expect.stringContaining('python3 app.py') } },
  })
  expect(await examine(local, false)).toMatchObject({
    finding: { what: expect.stringContaining('HOST in ~/FlaskLoginApp/.env is "127.0.0.1"') },
  })
})
