import { expect, test } from 'vitest'
import { labFolder } from '../../src/store/lab-folder.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { keepRecord } from '../../src/store/record-keeper.ts'

const record = newRecord('lab', 'aws', 'us-east-1', undefined)

test.each(['', '..', 'lost-/../../../victim', 'a/b', 'lab/..', '/tmp', 'No Name'])(
  'no lab that is called %j has a folder',
  (name) => {
    expect(() => labFolder('/home', name)).toThrow('A folder for a lab called')
    expect(() => keepRecord('/home', { ...record, name })).toThrow()
  },
)
