import { existsSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { type Command, Option } from 'commander'
import type { Introduction } from '../commands/up.ts'
import { flasklab } from '../lab/command.ts'
import { UsageError } from '../lab/finding.ts'
import type { Io } from '../lab/io.ts'
import { cidr, count, databaseName, duration, existingFile, instanceId } from './argument-parsers.ts'
import { type Add, changing, handmadeLab } from './command-line.ts'
import { EXIT } from './failure.ts'

/** Commands that build one lab, look at it and go into it. */
export function addLabCommands(program: Command, add: Add): void {
  add(program, 'up', 'walk the eight phases; run again, it resumes', async (session, flags) => {
    const { up } = await import('../commands/up.ts')
    const { introductionText, upText } = await import('../terminal/views/up.ts')
    const options = {
      dryRun: flags['dryRun'] === true,
      sshFrom: flags['sshFrom'] as string | undefined,
      allowFrom: flags['allowFrom'] as string | undefined,
      expires: flags['expires'] as number | undefined,
      introduce: (introduction: Introduction) =>
        session.tell({ kind: 'note', text: introductionText(introduction) }),
    }
    const outcome = await session.offeringPractice((target) =>
      session.withLab(
        { lookup: 'make', changing: changing('up', flags), target },
        (kit) => up(options, kit),
        () => ({ by: 'walk' }),
      ),
    )
    return { json: outcome, text: upText(outcome, session.paper) + howToType(session.io) }
  })
    .option('--practice', 'build it on the practice cloud')
    .option('--dry-run', 'show the plan, make nothing')
    .option('--ssh-from <cidr>', 'who may use SSH, instead of your present address', cidr)
    .option('--allow-from <cidr>', 'who may open the site, instead of everyone', cidr)
    .option('--expires <time>', 'when it is to be gone: in 90m, 4h or 2d', duration)

  add(
    program,
    'test-login',
    'register, log in, be refused, and read the row from the database',
    async (session) => {
      const { testTheApp } = await import('../commands/test-login.ts')
      const { testText } = await import('../terminal/views/test-login.ts')
      const tested = await session.withLab({ lookup: 'find' }, testTheApp, ({ passed }) => ({
        by: 'test',
        passed,
      }))
      return {
        json: tested,
        text: testText(tested, session.paper),
        code: tested.passed ? EXIT.done : EXIT.failed,
      }
    },
  )

  add(program, 'doctor', 'the troubleshooting checklist: finds the one cause', async (session, flags) => {
    const { checkList, doctor, retold } = await import('../commands/doctor.ts')
    const { checkListText, doctorText } = await import('../terminal/views/doctor.ts')
    if (flags['list'] === true) return { json: checkList(), text: checkListText(checkList(), session.paper) }
    const fix = flags['fix'] === true
    const handmade = handmadeLab(flags)
    if (fix && handmade) throw onlyRead()
    const diagnosis = await session.withLab(
      {
        lookup: handmade ? 'make' : 'find',
        handmade,
        changing: fix ? 'doctor --fix' : undefined,
      },
      async (kit) => retold(await doctor({ fix }, kit), session.inThisLab),
      ({ checks }) => ({ by: 'doctor', checks }),
    )
    return {
      json: retold(diagnosis, session.json),
      text: doctorText(diagnosis, flags['quiet'] === true, session.paper),
      code: diagnosis.healthy ? EXIT.done : EXIT.failed,
    }
  })
    .option('--fix', 'mend what is safe to mend, asking before each')
    .addOption(new Option('--list', 'list the checks').conflicts(['fix', 'adopt', 'instance', 'db', 'key']))
    .option('--adopt', 'look at a lab that was made by hand, by the handout’s names, and only read it')
    .option('--instance <id>', 'which server, of a lab made by hand', instanceId)
    .option('--db <name>', 'which database, of a lab made by hand', databaseName)
    .option('--key <file>', 'the private key of a server made by hand', existingFile)
    .option('--practice', 'of a lab made by hand: it is on the practice cloud')

  add(program, 'status', 'what there is of the lab, and where it is reached', async (session) => {
    const { takeStock } = await import('../commands/status.ts')
    const { statusText } = await import('../terminal/views/status.ts')
    const stock = await session.withLab({ lookup: 'find' }, takeStock)
    return { json: stock.status, text: statusText(stock, session.bills, session.paper) }
  })

  add(
    program,
    'ssh [command...]',
    'a shell on the server, or one command there',
    async (session, _flags, words) => {
      const { ssh } = await import('../commands/ssh.ts')
      return { code: await session.withLab({ lookup: 'find' }, (kit) => ssh(words, kit)) }
    },
  )
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Words are joined with spaces and read by the server's shell, so quote what is meant for it:
  flasklab ssh -- tail -n 20 flasklab-dnf.log
  flasklab ssh -- 'mysql -e "SELECT id, name FROM users"'
Its exit code is the command's.`,
    )

  add(program, 'logs', 'what the app writes', async (session, flags) => {
    const { logs } = await import('../commands/logs.ts')
    const options = { lines: flags['lines'] as number, follow: flags['follow'] === true }
    return { code: await session.withLab({ lookup: 'find' }, (kit) => logs(options, kit)) }
  })
    .option('-n, --lines <count>', 'how many lines', count, 50)
    .option('-f, --follow', 'go on showing new lines')
}

function onlyRead(): UsageError {
  return new UsageError({
    what: 'A lab that was made by hand is only read: --fix is for those that flasklab made.',
    why: 'What it has not made, it would not know how to put right without breaking something else.',
    remedy: {
      say: 'Leave --fix away; each finding says what to do.',
      run: [flasklab('doctor', { adopt: true })],
    },
  })
}

/** For whoever runs it from a clone: the commands that were just named need a word that the shell knows. */
function howToType({ program: typed, env, cwd }: Io): string {
  const folders = [dirname(typed), ...(env['PATH'] ?? '').split(delimiter)]
  if (folders.some((folder) => existsSync(join(folder, 'flasklab')))) return ''
  return `\n\n"flasklab" is here: node ${relative(cwd(), typed) || typed} ("npm link" makes the short word work)`
}
