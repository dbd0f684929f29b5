import { expect, test } from 'vitest'
import { carries, labOf, ofLab, tagsFor, tagValue } from '../../src/aws/tags.ts'

test('everything that is made says whose it is', () => {
  const lab = { id: '0a1b', name: 'lab', owner: 'AIDA:renée,x' }
  expect(tagsFor(lab, { Name: "student's server" })).toEqual([
    { Key: 'Name', Value: 'student-s server' },
    { Key: 'flasklab:lab', Value: '0a1b' },
    { Key: 'flasklab:lab-name', Value: 'lab' },
    { Key: 'flasklab:owner', Value: 'AIDA:renée-x' },
  ])
})

test('no tag of ours can be overruled', () => {
  const tags = tagsFor({ id: '0a1b', name: 'lab', owner: 'me' }, { 'flasklab:lab': 'other' })
  expect(tagValue(tags, 'flasklab:lab')).toBe('0a1b')
  expect(tags).toHaveLength(3)
})

test('a tag is read by its key', () => {
  expect(tagValue([{ Key: 'a', Value: '1' }, { Key: 'b' }], 'a')).toBe('1')
  expect(tagValue([{ Key: 'b' }], 'b')).toBeUndefined()
  expect(tagValue(undefined, 'a')).toBeUndefined()
})

test('a lab is asked for by its id', () => {
  expect(ofLab('0a1b')).toEqual({ Name: 'tag:flasklab:lab', Values: ['0a1b'] })
})

test('a resource that a filter lets through by a wildcard is not taken for the lab’s', () => {
  const filters = [ofLab('0a1b2c3d4?'), { Name: 'vpc-id', Values: ['vpc-1'] }]
  expect(carries([{ Key: 'flasklab:lab', Value: '0a1b2c3d4e' }], filters)).toBe(false)
  expect(carries([{ Key: 'flasklab:lab', Value: '0a1b2c3d4?' }], filters)).toBe(true)
  expect(carries([], filters)).toBe(false)
  expect(carries(undefined, [{ Name: 'tag-key', Values: ['flasklab:lab'] }])).toBe(true)
})

test('a lab’s tag names a lab by ten hex digits, or nobody’s', () => {
  const of = (Value: string) => labOf([{ Key: 'flasklab:lab', Value }])
  expect(of('0a1b2c3d4e')).toBe('0a1b2c3d4e')
  for (const none of ['', '*', '0a1b2c3d4', '0a1b2c3d4e5', '../../x', '0A1B2C3D4E'])
    expect(of(none)).toBeUndefined()
})
