import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { tempFolder } from '../support/temp-folder.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

function startOn(version: string): { readonly code: number | null; readonly said: string } {
  using folder = tempFolder()
  const disguise = join(folder.path, 'disguise.cjs')
  const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`
  writeFileSync(disguise, `Object.defineProperty(process, 'versions', { value: ${versions} })\n`)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', disguise, join(root, 'bin/flasklab.js'), '--version'],
    { encoding: 'utf8', env: { ...process.env, FLASKLAB_HOME: folder.path } },
  )
  return { code: status, said: stdout + stderr }
}

test.each(['12.22.0', '18.20.8', '20.18.3', '21.7.3', '22.12.0', '23.11.1'])(
  'Node %s is refused with words',
  (version) => {
    expect(startOn(version)).toEqual({
      code: 1,
      said: `flasklab needs Node.js 20.19, 22.13, or 24 and newer; this is ${version}.\nInstall a newer one from https://nodejs.org, then run it again.\n`,
    })
  },
)

test.each(['20.19.0', '22.13.0', '24.0.0'])('Node %s is accepted', (version) => {
  const { version: ours } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  expect(startOn(version)).toEqual({ code: 0, said: `${ours}\n` })
})
