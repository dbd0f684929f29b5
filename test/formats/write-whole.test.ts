import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeForGood, writeWhole } from '../../src/formats/write-whole.ts'
import { tempFolder } from '../support/temp-folder.ts'

test.skipIf(!existsSync('/dev/full')).each([writeWhole, writeForGood])(
  'a full disk is told with the file that could not be written, and leaves no draft',
  (write) => {
    using folder = tempFolder()
    const path = join(folder.path, 'lab.json')
    const draft = `${path}.${process.pid}.new`
    symlinkSync('/dev/full', draft)
    expect(() => write(path, 'text')).toThrow(expect.objectContaining({ code: 'ENOSPC', path }))
    expect(existsSync(draft)).toBe(false)
  },
)
