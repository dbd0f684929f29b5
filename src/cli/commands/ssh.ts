import type { CliCommand } from '../command.ts'
import { withLab } from '../open-labs.ts'

/** The words of a command for the server; none for a shell. Its report is the exit code there. */
export const ssh: CliCommand<readonly string[], number> = {
  usage: 'ssh [command...]',
  about: 'a shell on the server, or one command there',
  passThrough: true,
  notes: `
Words are joined with spaces and read by the server's shell, so quote what is meant for it:
  flasklab ssh -- tail -n 20 flasklab-dnf.log
  flasklab ssh -- 'mysql -e "SELECT id, name FROM users"'
Its exit code is the command's.`,
  options: (_, words) => words,
  async run(words, session) {
    const { ssh: enter } = await import('../../commands/ssh.ts')
    return withLab({ lookup: 'find' }, session, (kit) => enter(words, kit))
  },
  exitCode: (code) => code,
}
