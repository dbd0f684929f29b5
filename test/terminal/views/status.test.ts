import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Stock } from '../../../src/commands/status.ts'
import { costOf } from '../../../src/lab/cost.ts'
import { listedPrices } from '../../../src/lab/prices.ts'
import { statusText } from '../../../src/terminal/views/status.ts'
import { plainPaper } from '../../support/plain-paper.ts'
import { has } from '../../support/student.ts'
import { tempFolder } from '../../support/temp-folder.ts'

function stockIn(folder: string): Stock {
  return {
    status: {
      lab: 'lab',
      target: 'practice',
      region: 'us-east-1',
      phases: [],
      server: {
        id: 'i-1',
        state: 'running',
        address: '127.0.0.1',
        sshPort: 2222,
        keyFile: `${folder}/key.pem`,
      },
      database: null,
      site: null,
    },
    unknown: new Set(),
    blocked: undefined,
    cost: costOf([], listedPrices('us-east-1'), 0),
    ending: [],
    lost: [],
    expires: undefined,
    others: [],
    knownHostsFile: `${folder}/known_hosts`,
  }
}

// OpenSSH reads what it is told as its configuration: -G shows how.
test.skipIf(!has('ssh')).each(['ada', 'Ada L', 'a%h', 'a "b" c', "a'b"])(
  'the ssh command names the files of a lab in the folder %s as OpenSSH reads them',
  (name) => {
    using home = tempFolder()
    const folder = join(home.path, name)
    mkdirSync(folder)
    writeFileSync(join(folder, 'key.pem'), '')
    const line = /ssh -[io] .*/.exec(statusText(stockIn(folder), false, plainPaper()))?.[0] ?? ''
    const { stdout } = spawnSync('bash', ['-c', line.replace(/^ssh /, 'ssh -G ')], { encoding: 'utf8' })
    const read = (word: string) => new RegExp(`^${word} "?(.*?)"?$`, 'm').exec(stdout)?.[1]
    const plain = (path: string | undefined) => path?.replaceAll('%%', '%').replaceAll('\\"', '"')
    expect([plain(read('identityfile')), plain(read('userknownhostsfile'))]).toEqual([
      join(folder, 'key.pem'),
      join(folder, 'known_hosts'),
    ])
  },
)
