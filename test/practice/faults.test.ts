import { expect, test } from 'vitest'
import { createFaults } from '../../src/practice/faults.ts'

test.each(['before', 'after'] as const)(
  'a kill %s a moment comes also where that is refused',
  async (when) => {
    let kills = 0
    const faults = createFaults(() => {
      kills += 1
    })
    faults.plan({ kill: { moment: 2, when } })
    const refused = async () => {
      throw new Error('It has a dependent object.')
    }
    await expect(faults.around('ec2:DeleteSecurityGroup', refused)).rejects.toThrow('dependent')
    expect(kills).toBe(0)
    await expect(faults.around('ec2:DeleteSecurityGroup', refused)).rejects.toThrow('on purpose')
    expect(kills).toBe(1)
  },
)
