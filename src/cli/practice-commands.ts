import { type Command, InvalidArgumentError, Option } from 'commander'
import { LEVELS, type Level } from '../lab/exercise.ts'
import { parseCidr } from '../net/firewall.ts'
import { isLaptopAddress } from '../world/laptop-address.ts'
import type { Add } from './command-line.ts'
import { examine } from './exercise.ts'

/** The practice cloud itself, and its drills. */
export function addPracticeCommands(program: Command, add: Add): void {
  const practice = program
    .command('practice')
    .description('the practice cloud: EC2 and RDS on this machine')
    .showHelpAfterError('("flasklab practice --help" lists its commands)')
    .exitOverride()
  const load = async () => ({
    ...(await import('../world/practice-cloud.ts')),
    ...(await import('../terminal/practice-text.ts')),
  })

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
  const loadDrills = async (home: string) => ({
    drills: (await import('../world/drills.ts')).openDrills(home, examine),
    ...(await import('../terminal/drill-text.ts')),
  })

  add(
    practice,
    'break [name]',
    'plant a fault in the practice lab, and say what a user reports',
    async (session, flags, [name]) => {
      const { drills, brokenText, drillListText } = await loadDrills(session.home)
      if (flags['list'] === true)
        return { json: drills.list(), text: drillListText(drills.list(), session.paper.fold) }
      const drill = drills.choose(name, flags['level'] as Level | undefined)
      const broken = await session.withLab({ lookup: 'find', changing: 'practice break' }, (kit) =>
        drills.within(kit).break(drill),
      )
      return { json: broken, text: brokenText(broken, session.paper.fold) }
    },
  )
    .addOption(new Option('--level <level>', 'how hard to find').choices(LEVELS))
    .option('--list', 'list the faults, for instructors')
  add(practice, 'hint', 'one more of three hints to the fault that is planted', async ({ home, paper }) => {
    const { drills, hintText } = await loadDrills(home)
    const hints = drills.hint()
    return { json: hints, text: hintText(hints, paper.fold) }
  })
  add(practice, 'solve', 'repair the fault that is planted, and say what it was', async (session) => {
    const { drills, solvedText } = await loadDrills(session.home)
    const options = { lookup: 'find', changing: 'practice solve', lab: drills.drilledLab() } as const
    await session.withLab(options, (kit) => drills.within(kit).solve())
    const solved = await session.withLab(options, (kit) => drills.within(kit).confirmSolved())
    return { json: solved, text: solvedText(solved, session.paper.fold) }
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
    .option('--address <address>', 'move it to another address', laptopAddress)
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

/** As the internet sees a laptop. */
function laptopAddress(text: string): string {
  if (parseCidr(`${text}/32`) === undefined) throw new InvalidArgumentError('Write an IPv4 address.')
  if (!isLaptopAddress(text))
    throw new InvalidArgumentError(
      'Write one by which a laptop is seen on the internet, such as 203.0.113.99: none of a private network, nor one of the servers’.',
    )
  return text
}
