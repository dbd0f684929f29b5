import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { EXIT } from './failure.ts'
import { PLANS, type Plan } from './lab/cost.ts'
import { hasCode, UsageError } from './lab/finding.ts'
import { parseCidr } from './lab/firewall.ts'
import type { Kit } from './lab/ports.ts'
import { LEVELS, type Level } from './practice/drills/drill.ts'
import { createSession, type Flags, type Result, type Session } from './session.ts'

/** Runs one command line; the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let session: Session | undefined
  const begin: Begin = (flags, command) => {
    session = createSession(flags, command)
    return session
  }
  try {
    await buildProgram(begin).parseAsync([...argv], { from: 'user' })
    return (await session?.end()) ?? EXIT.done
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done
    const failed =
      session ?? createSession({ json: argv.includes('--json'), verbose: argv.includes('--verbose') }, '')
    // commander has said on stderr what is wrong with the words.
    if (error instanceof CommanderError) return failed.misused(error.message)
    return failed.fail(error)
  }
}

type Begin = (flags: Flags, command: string) => Session
type Work = (session: Session, flags: Record<string, unknown>, words: string[]) => Promise<Result>

function buildProgram(begin: Begin): Command {
  const program = new Command('flasklab')
    .description(
      'Walks you through the EC2 and RDS lab, on AWS or on a practice cloud that runs on this machine.',
    )
    .version(version())
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('("flasklab --help" lists the commands)')
    .addHelpText(
      'after',
      '\nStart with "flasklab up" (AWS) or "flasklab up --practice" (no account needed).\nExit codes: 0 done, 1 not healthy or an expected failure, 2 wrong usage,\n70 a bug, 130 interrupted.',
    )

  const add = (parent: Command, spec: string, description: string, work: Work): Command => {
    const command = parent.command(spec).description(description)
    command.action(async (...given: unknown[]) => {
      const words = given.slice(0, -2).flat() as string[]
      const flags = command.opts()
      const session = begin(flags, command.name())
      session.finish(await session.run(() => work(session, flags, words)))
    })
    return commonFlags(command)
  }

  add(program, 'up', 'walk the eight phases; run again, it resumes', async (session, flags) => {
    const { up, upText } = await import('./commands/up.ts')
    const { drillReminder } = await import('./commands/practice-verdict.ts')
    const options = {
      dryRun: flags['dryRun'] === true,
      sshFrom: flags['sshFrom'] as string | undefined,
      allowFrom: flags['allowFrom'] as string | undefined,
      expires: flags['expires'] as number | undefined,
    }
    const { outcome, reminder } = await session.offeringPractice((target) =>
      session.withLab({ lookup: 'make', changing: changing('up', flags), target }, async (kit) => ({
        outcome: await up(options, kit),
        reminder: drillReminder(kit, session.home),
      })),
    )
    return { json: outcome, text: upText(outcome) + reminder + howToType() }
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
      const { testTheApp, testText } = await import('./commands/test-login.ts')
      const { drillReminder, drillText, judgeOfDrill } = await import('./commands/practice-verdict.ts')
      const { drill, ...result } = await session.withLab({ lookup: 'find' }, async (kit) => {
        const judge = judgeOfDrill(kit, session.home)
        const tested = await testTheApp(kit).catch((error: unknown) => {
          const reminder = drillReminder(kit, session.home).trim()
          if (reminder) session.tell({ kind: 'note', text: reminder })
          throw error
        })
        return { ...tested, drill: await judge.afterTest(tested.passed) }
      })
      return {
        json: { ...result, drill },
        text: testText(result) + drillText(drill),
        code: result.passed ? EXIT.done : EXIT.failed,
      }
    },
  )

  add(program, 'doctor', 'the troubleshooting checklist: finds the one cause', async (session, flags) => {
    const { checkList, doctor, doctorText, listText, retold } = await import('./commands/doctor.ts')
    if (flags['list'] === true) return { json: checkList(), text: listText(checkList(), session.fold) }
    const fix = flags['fix'] === true
    const handmade = handmadeLab(flags)
    if (fix && handmade) throw onlyRead()
    const { drillText, judgeOfDrill } = await import('./commands/practice-verdict.ts')
    const { drill, ...diagnosis } = await session.withLab(
      { lookup: handmade ? 'make' : 'find', handmade, changing: fix ? 'doctor --fix' : undefined },
      async (kit) => {
        const judge = judgeOfDrill(kit, session.home)
        const found = await doctor({ fix }, kit)
        return { ...retold(found, session.inThisLab), drill: judge.afterDoctor(found) }
      },
    )
    return {
      json: { ...diagnosis, drill },
      text: doctorText(diagnosis, flags['quiet'] === true, session) + drillText(drill),
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
    const { statusText, takeStock } = await import('./commands/status.ts')
    const stock = await session.withLab({ lookup: 'find' }, takeStock)
    return { json: stock.status, text: statusText(stock, session.bills) }
  })

  add(program, 'list', 'all labs in the account, whoever’s they are', async (session, flags) => {
    const { list, listText } = await import('./commands/list.ts')
    const allRegions = flags['allRegions'] === true
    const listing = await session.withAccount((account) => list({ allRegions }, account))
    return { json: listing, text: listText(listing, session.bills, Date.now()) }
  })
    .option('--all-regions', 'in every region of the account')
    .option('--practice', 'on the practice cloud')

  add(
    program,
    'cost',
    'what the lab costs: an hour, so far, and if it is forgotten',
    async (session, flags) => {
      const { cost, costOfHandout } = await import('./commands/cost.ts')
      const { costText } = await import('./commands/cost-text.ts')
      const prices = flags['live'] === true ? await session.askPrices() : undefined
      const options = { prices, plan: flags['plan'] as Plan | undefined }
      const handmade = handmadeLab(flags)
      const id = flags['id'] as string | undefined
      const isLost = id !== undefined || flags['practice'] === true
      const priced = await session
        .withLab({ lookup: handmade ? 'make' : isLost ? 'lost' : 'find', handmade, id }, (kit: Kit) =>
          cost({ ...options, bills: session.bills }, kit),
        )
        .catch(async (error: unknown) => {
          // A lab that was named is missed; else there is just none yet.
          if (!hasCode(error, 'unknown-lab') || flags['lab'] !== undefined) throw error
          return costOfHandout({ ...options, bills: true }, await session.region(), Date.now())
        })
      return { json: priced.report, text: costText(priced) }
    },
  )
    .option('--live', 'ask AWS’s price list, instead of the prices that flasklab comes with')
    .addOption(new Option('--plan <plan>', 'how your account pays').choices(PLANS))
    .option('--adopt', 'price a lab that was made by hand, by the handout’s names')
    .option('--instance <id>', 'which server, of a lab made by hand', instanceId)
    .option('--db <name>', 'which database, of a lab made by hand', databaseName)
    .option('--practice', 'look in the practice cloud, for a lab whose record is lost')
    .option('--id <id>', 'which of several labs of one name whose records are lost', labId)
    .addHelpText(
      'after',
      `
Before there is a lab, it prices the one of the handout (--region says where).
Plans: none (you pay), credits (an account opened since 15 July 2025), legacy
(an older one). --live needs AWS credentials that may do pricing:GetProducts.`,
    )

  add(
    program,
    'ssh [command...]',
    'a shell on the server, or one command there',
    async (session, _flags, words) => {
      const { ssh } = await import('./commands/ssh.ts')
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
    const { logs } = await import('./commands/logs.ts')
    const options = { lines: flags['lines'] as number, follow: flags['follow'] === true }
    return { code: await session.withLab({ lookup: 'find' }, (kit) => logs(options, kit)) }
  })
    .option('-n, --lines <count>', 'how many lines', count, 50)
    .option('-f, --follow', 'go on showing new lines')

  add(program, 'cleanup', 'delete everything that the lab made', async (session, flags) => {
    const { cleanup } = await import('./commands/cleanup.ts')
    const { planJson, planText } = await import('./commands/cleanup-plan.ts')
    const { receiptJson, receiptText } = await import('./commands/receipt.ts')
    const id = flags['id'] as string | undefined
    const dryRun = flags['dryRun'] === true
    if (severalLabs(flags)) return cleanupSeveral(session, flags)
    const receipt = await session.withLab(
      { lookup: 'lost', changing: changing('cleanup', flags), id },
      async (kit) => {
        const { afterCleanup } = await import('./commands/practice-verdict.ts')
        const forgetDrill = afterCleanup(kit, session.home)
        const done = await cleanup({ dryRun, bills: session.bills }, kit)
        if (done.clean && !dryRun) await forgetDrill()
        return done
      },
    )
    const { plan } = receipt
    const json = receiptJson(receipt)
    if (plan !== undefined) {
      return {
        json: { ...json, plan: planJson(plan) },
        text: `${planText(plan, session.bills)}\n\nNothing was deleted: it was a dry run.`,
      }
    }
    const text = receiptText(receipt, session.typed)
    return { json, text, code: receipt.clean ? EXIT.done : EXIT.failed }
  })
    .option('--practice', 'look in the practice cloud, for a lab whose record is lost')
    .option('--dry-run', 'show what would be deleted, delete nothing')
    .option('--expired', 'your labs whose deadline (up --expires) has passed')
    .option('--older-than <time>', 'your labs that are older than 90m, 4h or 2d', duration)
    .option('--all', 'everybody’s labs in the account and region, for instructors')
    .option('--id <id>', 'which of several labs of one name whose records are lost', labId)

  add(program, 'iam-policy', 'print the AWS permissions that flasklab needs, as an IAM policy', async () => {
    const { iamPolicy } = await import('./lab/iam-policy.ts')
    return { json: iamPolicy, text: JSON.stringify(iamPolicy, undefined, 2) }
  }).addHelpText(
    'after',
    `
For whoever runs the account: it lets a student do what flasklab does, make only
what carries the student's id as the tag flasklab:owner, and change only that.
  flasklab iam-policy >flasklab.json
  aws iam create-policy --policy-name flasklab --policy-document file://flasklab.json`,
  )

  addPractice(program, add)
  return program
}

const OF_SEVERAL = ['all', 'olderThan', 'expired'] as const

/** Whether labs are chosen by what they are, and not by name. */
function severalLabs(flags: Record<string, unknown>): boolean {
  if (OF_SEVERAL.every((flag) => flags[flag] === undefined)) return false
  const one = ['lab', 'id'].find((flag) => flags[flag] !== undefined)
  if (one === undefined) return true
  throw new UsageError({
    what: `--${one} names one lab, but --all, --older-than and --expired choose among all.`,
    remedy: { say: 'Give the one or the others.', run: ['flasklab list'] },
  })
}

async function cleanupSeveral(session: Session, flags: Record<string, unknown>): Promise<Result> {
  const { cleanupMany, receiptsJson, receiptsText } = await import('./commands/cleanup-many.ts')
  const { afterCleanup } = await import('./commands/practice-verdict.ts')
  const dryRun = flags['dryRun'] === true
  const selection = {
    all: flags['all'] === true,
    olderThanMs: flags['olderThan'] as number | undefined,
    expired: flags['expired'] === true,
  }
  const receipts = await session.withAccount((account) =>
    cleanupMany(selection, { dryRun, bills: session.bills }, account, (kit) =>
      afterCleanup(kit, session.home),
    ),
  )
  const isDone = dryRun || receipts.every(({ clean }) => clean)
  return {
    json: receiptsJson(receipts),
    text: receiptsText(receipts, session.bills, session.typed),
    code: isDone ? EXIT.done : EXIT.failed,
  }
}

function addPractice(
  program: Command,
  add: (parent: Command, spec: string, description: string, work: Work) => Command,
): void {
  const practice = program
    .command('practice')
    .description('the practice cloud: EC2 and RDS on this machine')
    .showHelpAfterError('("flasklab practice --help" lists its commands)')
    .exitOverride()
  const load = () => import('./commands/practice.ts')

  add(practice, 'start', 'start it; it runs until "practice stop"', async ({ home, ask, tell }) => {
    const { practiceStart, practiceText } = await load()
    const status = await practiceStart(home, ask, tell)
    return { json: status, text: practiceText(status) }
  })
  add(practice, 'stop', 'stop it; what is in it stays for the next start', async ({ home }) => {
    const { practiceStop } = await load()
    const outcome = await practiceStop(home)
    return {
      json: outcome,
      text: outcome.stopped ? 'The practice cloud has stopped.' : 'The practice cloud did not run.',
    }
  })
  add(practice, 'status', 'whether it runs, and what it holds', async ({ home }) => {
    const { practiceStatus, practiceText } = await load()
    const status = await practiceStatus(home)
    return { json: status, text: practiceText(status) }
  })
  const loadDrills = () => import('./commands/practice-drills.ts')

  add(
    practice,
    'break [name]',
    'plant a fault in the practice lab, and say what a user reports',
    async (session, flags, [name]) => {
      const { breakLab, brokenText, listDrills, listText } = await loadDrills()
      if (flags['list'] === true) return { json: listDrills(), text: listText(listDrills(), session.fold) }
      const broken = await session.withLab({ lookup: 'find', changing: 'practice break' }, (kit) =>
        breakLab({ name, level: flags['level'] as Level | undefined }, kit, session.home),
      )
      return { json: broken, text: brokenText(broken, session.fold) }
    },
  )
    .addOption(new Option('--level <level>', 'how hard to find').choices(LEVELS))
    .option('--list', 'list the faults, for instructors')
  add(practice, 'hint', 'one more of three hints to the fault that is planted', async ({ home, fold }) => {
    const { giveHint, hintText } = await loadDrills()
    const hints = giveHint(home)
    return { json: hints, text: hintText(hints, fold) }
  })
  add(practice, 'solve', 'repair the fault that is planted, and say what it was', async (session) => {
    const { confirmSolved, drilledLab, solve, solvedText } = await loadDrills()
    const { home } = session
    const options = { lookup: 'find', changing: 'practice solve', lab: drilledLab(home) } as const
    await session.withLab(options, (kit) => solve(kit, home))
    const solved = await session.withLab(options, (kit) => confirmSolved(kit, home))
    return { json: solved, text: solvedText(solved, session.fold) }
  })
  add(practice, 'laptop', 'your laptop as the practice cloud sees it', async ({ home }, flags) => {
    const { laptopText, practiceLaptop } = await load()
    const wish = {
      address: flags['address'] as string | undefined,
      setClock: flags['setClock'] === true,
      newCredentials: flags['newCredentials'] === true,
    }
    const status = await practiceLaptop(wish, home)
    return { json: status, text: laptopText(status) }
  })
    .option('--address <address>', 'move it to another address', address)
    .option('--set-clock', 'set its clock by the network')
    .option('--new-credentials', 'replace its access key by a new one')
  add(
    practice,
    'env',
    'start it if need be, and print what lets the aws command line talk to it: eval "$(flasklab practice env)"',
    async ({ home }, flags) => {
      const { practiceEnv, envText } = await load()
      const variables = await practiceEnv(home, flags['region'] as string | undefined)
      return { json: variables, text: envText(variables) }
    },
  )
}

function commonFlags(command: Command): Command {
  return command
    .option('--lab <name>', 'which lab (default: the current one)')
    .option('--region <name>', 'the AWS region of a new lab', region)
    .option('--profile <name>', 'the AWS profile of a new lab')
    .option('--json', 'print the result as JSON')
    .option('-y, --yes', 'answer every question with yes')
    .option('--no-input', 'never ask; a missing answer is wrong usage')
    .option('-q, --quiet', 'print the result and errors only')
    .option('-v, --verbose', 'print the cause of errors')
}

function cidr(text: string): string {
  const block = parseCidr(text.includes('/') ? text : `${text}/32`)
  if (block === undefined)
    throw new InvalidArgumentError('Write an IPv4 address or block, such as 203.0.113.0/24.')
  return text.includes('/') ? text : `${text}/32`
}

function address(text: string): string {
  if (parseCidr(`${text}/32`) === undefined) throw new InvalidArgumentError('Write an IPv4 address.')
  return text
}

/** Goes into host names and into what a shell evaluates. */
function region(text: string): string {
  if (!/^[a-z0-9-]{1,30}$/.test(text)) throw new InvalidArgumentError('Write it as AWS does: us-east-1.')
  return text
}

/** Any of its flags means a lab that was made by hand. */
function handmadeLab(flags: Record<string, unknown>) {
  const { adopt, instance, db, key } = flags as Record<string, string | undefined>
  if ([adopt, instance, db, key].every((each) => each === undefined)) return undefined
  return { instance, database: db, keyFile: key }
}

function onlyRead(): UsageError {
  return new UsageError({
    what: 'A lab that was made by hand is only read: --fix is for those that flasklab made.',
    why: 'What it has not made, it would not know how to put right without breaking something else.',
    remedy: { say: 'Leave --fix away; each finding says what to do.', run: ['flasklab doctor --adopt'] },
  })
}

function instanceId(text: string): string {
  if (!/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(text))
    throw new InvalidArgumentError('Write it as EC2 does: i-0123456789abcdef0.')
  return text
}

/** RDS writes them in small letters, however they were typed. */
function databaseName(text: string): string {
  if (text.length > 63 || !/^[a-z](?:-?[a-z0-9])*$/i.test(text))
    throw new InvalidArgumentError('Write it as RDS does: letters, digits and single hyphens.')
  return text.toLowerCase()
}

function existingFile(path: string): string {
  if (!existsSync(path)) throw new InvalidArgumentError('There is no such file.')
  return path
}

/** What a lab's tag flasklab:lab holds. */
function labId(text: string): string {
  if (!/^[0-9a-f]{10}$/.test(text)) throw new InvalidArgumentError('Write the ten digits of its tag.')
  return text
}

/** A dry run changes nothing, and may look while another command is at work. */
function changing(command: string, flags: Record<string, unknown>): string | undefined {
  return flags['dryRun'] === true ? undefined : command
}

/** In ms. */
function duration(text: string): number {
  const [, amount, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? []
  const minutes = { m: 1, h: 60, d: 1440 }[unit ?? '']
  if (minutes === undefined) throw new InvalidArgumentError('Write minutes, hours or days: 90m, 4h, 2d.')
  return Number(amount) * minutes * 60_000
}

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Write a whole number above 0.')
  return Number(text)
}

/** For whoever runs it from a clone: the commands that were just named need a word that the shell knows. */
function howToType(): string {
  const typed = process.argv[1] ?? ''
  const folders = [dirname(typed), ...(process.env['PATH'] ?? '').split(delimiter)]
  if (folders.some((folder) => existsSync(join(folder, 'flasklab')))) return ''
  return `\n\n"flasklab" is here: node ${relative(process.cwd(), typed) || typed} ("npm link" makes the short word work)`
}

function version(): string {
  const file = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
