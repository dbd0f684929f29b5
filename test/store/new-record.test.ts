import { expect, test } from 'vitest'
import { newRecord } from '../../src/store/new-record.ts'

const record = newRecord('lab', 'aws', 'us-east-1', undefined)

test('a new record has an id of its own and opens the site to everyone', () => {
  expect(newRecord('lab', 'aws', 'eu-central-1', 'school')).toEqual({
    version: 1,
    id: expect.stringMatching(/^[0-9a-f]{10}$/),
    name: 'lab',
    target: 'aws',
    region: 'eu-central-1',
    profile: 'school',
    madeAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    allowFrom: '0.0.0.0/0',
    hostKeys: {},
  })
  expect(newRecord('lab', 'aws', 'us-east-1', undefined)).not.toHaveProperty('profile')
  expect(newRecord('lab', 'aws', 'us-east-1', undefined).id).not.toBe(record.id)
})
