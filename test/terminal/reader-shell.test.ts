import { expect, test } from 'vitest'
import { readerShell } from '../../src/terminal/reader-shell.ts'

const ALL_USERS = 'C:\\Program Files\\WindowsPowerShell\\Modules'
const OWN = `C:\\Users\\me\\Documents\\WindowsPowerShell\\Modules;${ALL_USERS}`

test.each([
  ['linux', {}, 'posix'],
  ['darwin', { PSModulePath: '/Users/me/.local/share/powershell/Modules' }, 'powershell'],
  ['win32', { PSModulePath: OWN }, 'powershell'],
  ['win32', { PSModulePath: OWN, PROMPT: '$P$G' }, 'powershell'],
  ['win32', { PSModulePath: ALL_USERS, PROMPT: '$P$G' }, 'cmd'],
  ['win32', { PSModulePath: ALL_USERS }, 'powershell'],
  ['win32', { PSModulePath: ALL_USERS, MSYSTEM: 'MINGW64' }, 'posix'],
] as const)('on %s with %j it is %s', (platform, env, dialect) => {
  expect(readerShell({ env, platform })).toEqual({ dialect, isWindows: platform === 'win32' })
})
