import { flasklab } from '../lab/command.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import { LEAD_AWS } from './lead-aws.ts'
import { onPractice } from './practice-findings.ts'
import { settingForThisMachine } from './practice-settings.ts'
import type { Target, Wish } from './target.ts'

export async function practiceTarget(
  stored: LabRecord | undefined,
  { io, home, ask, tell, region }: Wish,
): Promise<Target> {
  const [{ startPractice }, { ensurePracticeEngine }, { PRACTICE_REGION }] = await Promise.all([
    import('../practice/client.ts'),
    import('./practice-engine.ts'),
    import('../practice/service-file.ts'),
  ])
  await ensurePracticeEngine(ask, tell)
  const client = await startPractice({ home, kept: false, env: io.env })
  await client.enter()
  const { service } = client
  const { laptop, authorityCertificate } = await client.about()
  const isLed = settingForThisMachine(io.env) !== undefined
  return {
    api: {
      region: stored?.region ?? region ?? PRACTICE_REGION,
      endpoint: `http://127.0.0.1:${service.port}`,
      credentials: { accessKeyId: service.accessKeyId, secretAccessKey: service.secretAccessKey },
      // It is on this machine.
      answerMs: 5_000,
    },
    reach: (address, port) => onPractice(() => client.reach(address, port)),
    myAddress: async () => laptop.address,
    databaseCa: authorityCertificate,
    laptop: {
      setClock: [flasklab('practice laptop', { 'set-clock': true })],
      renewCredentials: [
        flasklab('practice laptop', { 'new-credentials': true }),
        // The shell's own are those that have expired.
        ...(isLed ? [LEAD_AWS] : []),
      ],
      keepsRightsInLists: io.platform === 'win32',
    },
    leave: () => onPractice(client.leave),
  }
}
