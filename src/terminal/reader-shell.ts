import type { Io } from '../lab/io.ts'
import type { Shell } from '../lab/shell.ts'

/**
 * The shell that flasklab was started from, as far as its environment tells: PowerShell has its modules' folders
 * there, on Windows one of the user's own; Git's shell names its system; cmd.exe has its prompt.
 */
export function readerShell({ env, platform }: Pick<Io, 'env' | 'platform'>): Shell {
  const modules = env['PSModulePath'] ?? ''
  if (platform !== 'win32') return { dialect: modules === '' ? 'posix' : 'powershell', isWindows: false }
  if (env['MSYSTEM']) return { dialect: 'posix', isWindows: true }
  // Windows itself sets the folders of all users, for cmd.exe as well.
  const isPowershell = /\\Documents\\(Windows)?PowerShell\\Modules/i.test(modules)
  return { dialect: !isPowershell && env['PROMPT'] ? 'cmd' : 'powershell', isWindows: true }
}
