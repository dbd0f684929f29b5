import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { createCloud } from '../../src/aws/cloud.ts'
import { systemClock } from '../../src/cli/system-clock.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { key, openCloud } from '../practice/support.ts'
import { tempFolder } from '../support/temp-folder.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('where the API is somebody else’s, nothing that the shell says about AWS leads a request astray', async () => {
  using folder = tempFolder()
  const config = join(folder.path, 'config')
  writeFileSync(
    config,
    '[default]\nregion = nowhere\nendpoint_url = http://127.0.0.1:1\nretry_mode = never\n',
  )
  const settings = {
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: config,
    AWS_PROFILE: 'nobody',
    AWS_ACCESS_KEY_ID: 'AKIANOBODY',
    AWS_SECRET_ACCESS_KEY: 'nothing',
    AWS_REGION: 'nowhere',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_EC2: 'http://127.0.0.1:1',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AWS_USE_DUALSTACK_ENDPOINT: 'perhaps',
    AWS_MAX_ATTEMPTS: 'none',
    AWS_RETRY_MODE: 'never',
    AWS_DEFAULTS_MODE: 'none',
    AWS_AUTH_SCHEME_PREFERENCE: 'none',
    AWS_SIGV4A_SIGNING_REGION_SET: ' , ',
    AWS_DISABLE_CLOCK_SKEW_CORRECTION: 'perhaps',
    AWS_SDK_UA_APP_ID: 'x'.repeat(60),
  }
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
  await using practice = await openCloud()
  const record = newRecord('lab', 'practice', 'us-east-1', undefined)
  const api = { region: 'us-east-1', endpoint: practice.endpoint, credentials: key, clock: systemClock }
  const cloud = createCloud(api, () => record)
  await expect(cloud.whoAmI()).resolves.toMatchObject({ account: expect.stringMatching(/^\d{12}$/) })
  await expect(cloud.findServer()).resolves.toBeUndefined()
  await expect(cloud.findDatabase()).resolves.toBeUndefined()
  await expect(cloud.areTemporary()).resolves.toBe(false)
})
