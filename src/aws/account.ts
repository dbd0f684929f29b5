import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Identity } from '../lab/lab.ts'
import type { Clients } from './clients.ts'
import { means } from './error-meanings.ts'
import { DescribeRegionsCommand, GetCallerIdentityCommand } from './sdk.ts'

export async function whoAmI({ home }: Clients): Promise<Identity> {
  const { Account = '', Arn = '', UserId = '' } = await home.sts.send(new GetCallerIdentityCommand({}))
  return { account: Account, arn: Arn, userId: UserId }
}

/** Whether they end by themselves: such credentials come with a session token. */
export async function areTemporary(clients: Clients): Promise<boolean> {
  return (await credentialsOf(clients)).sessionToken !== undefined
}

export async function credentialsEnd(clients: Clients): Promise<number | undefined> {
  return (await credentialsOf(clients)).expiration?.getTime()
}

async function credentialsOf({ home, explain }: Clients) {
  try {
    return await home.sts.config.credentials()
  } catch (error) {
    throw explain(error)
  }
}

/** Tells a region that does not exist from one that the account has not enabled. */
export async function checkRegion({ home }: Clients, region: string): Promise<void> {
  const regions = await allRegions(home)
  if (regions === undefined) return
  const known = regions.find((each) => each.RegionName === region)
  if (known === undefined) {
    const why = nearest(
      region,
      regions.map((each) => each.RegionName ?? ''),
    )
    const remedy = {
      say: 'Name the region as AWS writes it.',
      run: [flasklab('up', { region: 'us-east-1' })],
    }
    throw new LabError({ what: `There is no AWS region "${region}".`, why, remedy }, { code: 'no-region' })
  }
  if (known.OptInStatus === 'not-opted-in') {
    throw new LabError({
      what: `The region ${region} is not enabled for this account.`,
      why: 'Newer regions are off until the account’s owner turns them on.',
      remedy: {
        say: 'Use a region that is on for everyone, or enable it in the console (Account, Regions).',
        run: [flasklab('up', { region: 'us-east-1' })],
      },
    })
  }
}

/** Undefined where these credentials may not ask: then the region's own answers must tell. */
async function allRegions(home: Clients['home']) {
  try {
    return (await home.ec2.send(new DescribeRegionsCommand({ AllRegions: true }))).Regions ?? []
  } catch (error) {
    if (means(error, 'denied')) return undefined
    throw error
  }
}

function nearest(wrong: string, names: readonly string[]): string {
  const byDistance = names
    .map((name) => ({ name, far: distance(name, wrong) }))
    .sort((one, other) => one.far - other.far)
  const likely = byDistance.filter(({ far }) => far <= 3).map(({ name }) => name)
  if (likely.length > 0) return `Did you mean ${likely.slice(0, 3).join(' or ')}?`
  return `AWS has ${names.slice(0, 5).join(', ')} and more.`
}

/** Levenshtein's: how many letters to change, add or drop. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1]
    for (const [j, theirs] of [...other].entries()) {
      const change = (row[j] ?? 0) + (letter === theirs ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
