import { flasklab, unset } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Environment } from '../lab/io.ts'

/** `eval "$(flasklab practice env)"` stays in a shell: a lab meant for AWS would land in the practice cloud. */
export async function refusePracticeSettings(env: Environment): Promise<void> {
  const { PRACTICE_KEY } = await import('../practice/service-file.ts')
  const name = settingForThisMachine(env)
  const keyId = env['AWS_ACCESS_KEY_ID'] ?? ''
  const isPracticeKey = keyId.startsWith(PRACTICE_KEY) && !env['AWS_PROFILE']
  if (name === undefined && !isPracticeKey) return
  throw new LabError({
    what:
      name === undefined
        ? `AWS_ACCESS_KEY_ID (${keyId}) is the practice cloud’s, but the lab is meant for AWS.`
        : `${name} points to this machine (${env[name]}), but the lab is meant for AWS.`,
    why: 'The variables of "flasklab practice env" are still set in this shell.',
    remedy: {
      say: 'Open a new shell, or take them back; or build the lab on the practice cloud.',
      run: [
        unset(
          'AWS_ENDPOINT_URL',
          'AWS_ACCESS_KEY_ID',
          'AWS_SECRET_ACCESS_KEY',
          'AWS_REGION',
          'AWS_DEFAULT_REGION',
        ),
        flasklab('up', { practice: true }),
      ],
    },
  })
}

/** The variable that leads AWS clients to this machine, if one does. */
export function settingForThisMachine(env: Environment): string | undefined {
  const names = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_EC2', 'AWS_ENDPOINT_URL_RDS', 'AWS_ENDPOINT_URL_STS']
  return names.find((each) => /\/\/(localhost|127\.|\[::1\])/.test(env[each] ?? ''))
}
