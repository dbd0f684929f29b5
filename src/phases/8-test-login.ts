import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Phase } from '../lab/phase.ts'
import { utc } from '../lab/utc.ts'
import { testLogin } from './login-probe.ts'

export const testTheLogin: Phase<'proof', 'server' | 'database' | 'site' | 'host' | 'link'> = {
  id: 'test-login',
  fact: 'proof',
  title: 'Test the app',
  lesson:
    'Registering must write a row to RDS, the right password must lead to the welcome page, and a wrong one must not. Only then does the lab work.',
  needs: ['server', 'database', 'site', 'host', 'link'],

  async find({ server, database }, kit) {
    const proof = kit.record.value.proof
    if (proof?.serverId !== server.id || proof.databaseId !== database.id) return undefined
    return { steps: [{ id: 'proved', passed: true, detail: `proved at ${utc(proof.at)}` }] }
  },

  async make({ server, database, site }, kit) {
    const proof = await testLogin({ server, database, site }, kit)
    const failed = proof.steps.find((step) => !step.passed)
    if (failed) {
      throw new LabError({
        what: `The test of the app failed at "${failed.id}".`,
        why: failed.detail,
        remedy: {
          say: 'See each step, and what the app logged.',
          run: [flasklab('test-login'), flasklab('logs')],
        },
      })
    }
    for (const step of proof.steps) kit.tell({ kind: 'step', text: step.detail })
    const at = new Date(kit.clock.now()).toISOString()
    kit.record.save({ proof: { at, serverId: server.id, databaseId: database.id } })
    return proof
  },

  describe: ({ steps }) => (steps.length === 1 ? (steps[0]?.detail ?? '') : `${steps.length} steps passed`),
}
