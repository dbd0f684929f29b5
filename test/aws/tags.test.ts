import { expect, test } from 'vitest'
import { ofLab, tagsFor, tagValue } from '../../src/aws/tags.ts'

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
