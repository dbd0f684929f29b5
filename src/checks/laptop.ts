import { type Check, fail, pass, warn } from '../lab/check.ts'
import { type Finding, hasCode, LabError } from '../lab/finding.ts'
import { freePlanText } from '../lab/free-plan.ts'
import { checkOwnRegion } from '../lab/own-region.ts'
import type { Kit, Missing } from '../lab/ports.ts'
import type { Evidence } from './evidence.ts'
import { keyFile } from './key-file.ts'

/** The floor is in package.json; this is until when each line of Node.js is supported by its makers. */
const NODE_ENDS: Readonly<Record<string, string>> = {
  20: '2026-04-30',
  22: '2027-04-30',
  24: '2028-04-30',
}

const nodeVersion: Check<Evidence> = {
  id: 'node-version',
  title: 'Node.js on this machine is supported',
  needs: [],
  async examine() {
    const end = NODE_ENDS[process.versions.node.split('.')[0] ?? '']
    const version = `Node.js ${process.versions.node}`
    if (end === undefined) return pass(version)
    const isPast = new Date(end).getTime() < Date.now()
    return pass(
      isPast
        ? `${version}, not supported since ${end}: install 22 or 24 when you can`
        : `${version}, supported until ${end}`,
    )
  },
}

const SOON_MS = 15 * 60_000

const credentials: Check<Evidence> = {
  id: 'credentials',
  title: 'AWS accepts the credentials',
  needs: [],
  async examine({ identity, kit }) {
    const { account, arn } = await identity().catch((error: unknown) => {
      throw hasCode(error, 'expired') ? withFresh(error as LabError, kit) : error
    })
    const expected = kit.record.value.account
    if (expected !== undefined && expected !== account) return fail(otherAccount(account, arn, expected))
    const end = await kit.cloud.credentialsEnd()
    const left = end === undefined ? undefined : end - kit.clock.now()
    if (left !== undefined && left < SOON_MS) return warn(endsSoon(left))
    return pass(`${arn}${end === undefined ? '' : `, until ${new Date(end).toISOString()}`}`)
  },
}

function withFresh({ finding }: LabError, kit: Kit): LabError {
  return new LabError({ ...finding, remedy: { ...finding.remedy, run: kit.laptop.renewCredentials } })
}

function otherAccount(account: string, arn: string, expected: string): Finding {
  return {
    what: `These credentials are for the account ${account}, but the lab is in ${expected}.`,
    why: `They are those of ${arn}. AWS_PROFILE, where it is set, wins over keys in the environment.`,
    remedy: { say: 'Use the credentials of the lab’s account.', run: ['aws sts get-caller-identity'] },
  }
}

function endsSoon(leftMs: number): Finding {
  return {
    what: `The AWS session ends in ${Math.max(0, Math.round(leftMs / 60_000))} minutes.`,
    why: 'After that AWS refuses everything, "cleanup" too; what was made goes on to cost.',
    remedy: { say: 'Get fresh credentials now (in a Learner Lab: AWS Details, AWS CLI).' },
  }
}

const region: Check<Evidence> = {
  id: 'region',
  title: 'The region exists and is enabled',
  needs: ['credentials'],
  async examine({ kit, server }) {
    // Where a server is found, the region does.
    if ((await server().catch(() => undefined)) === undefined) await checkOwnRegion(kit)
    return pass(kit.cloud.region)
  },
}

const CLOCK_MS = 5 * 60_000

const clock: Check<Evidence> = {
  id: 'clock',
  title: 'This machine’s clock is within 5 minutes of AWS’s',
  needs: [],
  async examine({ identity, kit }) {
    // Refused or not, the answer carries AWS's time.
    await identity().catch(() => {})
    const { clockOffset } = kit.cloud
    return Math.abs(clockOffset) < CLOCK_MS ? pass() : fail(clockOff(clockOffset, kit))
  },
}

function clockOff(offsetMs: number, kit: Kit): Finding {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000)
  return {
    what: `This machine’s clock is ${minutes} minutes ${offsetMs > 0 ? 'slow' : 'fast'}.`,
    why: 'Every request carries its time, and AWS refuses what is more than 15 minutes off as expired or forged. Some tools correct themselves, as flasklab does; the aws command line may not.',
    remedy: { say: 'Set the clock by the network.', run: kit.laptop.setClock },
  }
}

const accountPlan: Check<Evidence> = {
  id: 'account-plan',
  title: 'The account’s plan allows what the lab needs',
  needs: ['region'],
  async examine(evidence) {
    if (isMade(await missingOf(evidence))) return pass('yes, as server and database exist')
    const { free, unknown } = await evidence.plan()
    if (unknown.length > 0) return pass('unknown, as these credentials may not ask')
    return pass(free && freePlanText(free))
  },
}

const quota: Check<Evidence> = {
  id: 'quota',
  title: 'The account’s quotas leave room',
  needs: ['region'],
  explainedBy: ['account-plan'],
  async examine(evidence) {
    const missing = await missingOf(evidence)
    if (isMade(missing)) return pass('yes, as server and database exist')
    const unknown = await evidence.kit.cloud.checkQuotas(missing, await evidence.plan())
    return pass(unknown.length === 0 ? undefined : `these credentials may not ask: ${unknown.join(', ')}`)
  },
}

async function missingOf({ server, database }: Evidence): Promise<Missing> {
  const isMissing = async (look: () => Promise<unknown>) =>
    (await look().catch(() => undefined)) === undefined
  const [its, theirs] = await Promise.all([isMissing(server), isMissing(database)])
  return { server: its, database: theirs }
}

function isMade({ server, database }: Missing): boolean {
  return !server && !database
}

export const laptopChecks = [nodeVersion, credentials, region, clock, keyFile, accountPlan, quota]
