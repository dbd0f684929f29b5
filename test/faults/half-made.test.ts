import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Receipt } from '../../src/commands/receipt.ts'
import { openCloudAsAnyone, type PlainCloud } from '../support/plain-cloud.ts'
import type { Student } from '../support/student.ts'
import { createDice, type Dice } from './dice.ts'
import { ALL_FAULTS, prepareFaults } from './fault-ground.ts'

const { student, plan } = prepareFaults()

/** Another run of the same states: FLASKLAB_SEED=… */
const SEED = Number(process.env['FLASKLAB_SEED'] ?? Date.now() % 1_000_000)
const LABS = ALL_FAULTS ? 20 : 3

/** Other things that may happen to a lab that nobody tends. */
const mishaps: Readonly<Record<string, (cloud: PlainCloud, dice: Dice, of: Student) => Promise<unknown>>> = {
  'its server is stopped': (cloud) => cloud.stopServers(),
  'its server is terminated': (cloud) => cloud.terminateServers(),
  'its database is stopped': (cloud) => cloud.stopDatabases(),
  'its database is protected': (cloud) => cloud.protectDatabases(),
  'its database is being deleted': (cloud) => cloud.deleteDatabases(),
  'its key pair is gone': (cloud) => cloud.deleteKeys(),
  'rules are taken away': (cloud, dice) => cloud.revokeRules(() => dice.chance(0.5)),
  'its record is lost': async (_cloud, _dice, { home }) =>
    rmSync(join(home, 'labs'), { recursive: true, force: true }),
  'its key is lost': async (_cloud, _dice, { home }) =>
    rmSync(join(home, 'labs', 'lab', 'key.pem'), { force: true }),
  'the practice cloud is started anew': async (_cloud, _dice, of) => {
    await of.types(['practice', 'stop'])
    await of.types(['practice', 'start'])
  },
}

/** Those that take a while, and may be over when cleanup looks. */
const GOING = ['its server is terminated', 'its database is being deleted']

describe('cleanup of labs in random half-made states', () => {
  test.each(Array.from({ length: LABS }, (_, index) => index + 1))(
    'lab %i: a clean receipt that plain calls confirm',
    { timeout: 600_000 },
    async (number) => {
      const seed = SEED + number
      const dice = createDice(seed)
      const cloud = await openCloudAsAnyone(student())
      const moment = dice.number(120)
      await plan({ kill: { moment, when: dice.chance(0.5) ? 'before' : 'after' } })
      await student().types(['up', '--practice', '--yes'])
      await plan({})
      const story = dice.some(Object.keys(mishaps), 3)
      for (const each of story) await mishaps[each]?.(cloud, dice, student())
      const before = await cloud.everything()
      const killed = dice.chance(0.3) ? dice.number(30) : undefined
      if (killed !== undefined) {
        await plan({ kill: { moment: killed, when: 'after' } })
        await student().types(['cleanup', '--practice', '--yes'])
        await plan({})
      }
      const { code, stdout, stderr } = await student().types(['cleanup', '--practice', '--yes', '--json'])
      const how = `FLASKLAB_SEED=${SEED} (lab ${number}): up killed at ${moment}, ${story.join(', ')}; cleanup killed at ${killed}\n${stderr}${stdout}`
      const receipt = JSON.parse(stdout) as Receipt
      const deleted = receipt.deleted.filter(({ kind }) => kind !== 'local-file').map(({ id }) => id)
      const seen = { code, clean: receipt.clean, left: receipt.left, after: await cloud.everything() }
      expect(seen, how).toEqual({ code: 0, clean: true, left: [], after: [] })
      // Not more than what there was; and not less, but for what was on its way out.
      expect(before, how).toEqual(expect.arrayContaining(deleted))
      const isGoing = killed !== undefined || GOING.some((each) => story.includes(each))
      if (!isGoing) expect(deleted.toSorted(), how).toEqual(before.toSorted())
      if (ALL_FAULTS || number === LABS) expect(await cloud.everythingByCommandLine(), how).toEqual([])
    },
  )
})

test('a rule elsewhere that names the lab’s group is named with the command that takes it away, within seconds', async () => {
  const cloud = await openCloudAsAnyone(student())
  await plan({})
  await student().types(['up', '--practice', '--yes'])
  const rule = await cloud.nameInDefaultGroup('ec2-rds-1')
  const from = Date.now()
  const { code, stdout } = await student().types(['cleanup', '--yes', '--json'])
  const { left } = JSON.parse(stdout) as Receipt
  expect({ code, left }).toMatchObject({ code: 1, left: [{ kind: 'security-group' }] })
  expect(left[0]?.why).toContain(
    `aws ec2 revoke-security-group-ingress --group-id ${rule.groupId} --security-group-rule-ids ${rule.id}`,
  )
  expect(Date.now() - from).toBeLessThan(60_000)
  const text = (await student().types(['cleanup', '--yes'])).stdout
  expect(text).toContain('eval "$(flasklab practice env)"')
  await rule.revoke()
  expect(JSON.parse((await student().types(['cleanup', '--yes', '--json'])).stdout)).toMatchObject({
    left: [],
    clean: true,
  })
})
