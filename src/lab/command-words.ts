/**
 * The words and flags of flasklab's own command line: what each command takes besides the flags that all have.
 * Findings name no others; a test compares them with the real command line, in both directions.
 */
export const COMMANDS = {
  '': ['version'],
  up: ['practice', 'dry-run', 'ssh-from', 'allow-from', 'expires'],
  'test-login': [],
  doctor: ['fix', 'list', 'adopt', 'instance', 'db', 'key', 'practice'],
  status: [],
  ssh: [],
  logs: ['lines', 'follow'],
  list: ['all-regions', 'practice'],
  cost: ['live', 'plan', 'adopt', 'instance', 'db', 'practice', 'id'],
  cleanup: ['practice', 'dry-run', 'expired', 'older-than', 'all', 'id'],
  'iam-policy': [],
  'practice start': [],
  'practice stop': [],
  'practice status': [],
  'practice break': ['level', 'list'],
  'practice hint': [],
  'practice solve': [],
  'practice laptop': ['address', 'set-clock', 'new-credentials'],
  'practice env': [],
} as const

/** The flags that every command has. */
export const COMMON_FLAGS = [
  'lab',
  'region',
  'profile',
  'json',
  'yes',
  'no-input',
  'quiet',
  'verbose',
  'help',
] as const

/** Those that want a value; all others stand alone. */
export const FLAGS_WITH_VALUE = [
  'lab',
  'region',
  'profile',
  'ssh-from',
  'allow-from',
  'expires',
  'instance',
  'db',
  'key',
  'lines',
  'plan',
  'id',
  'older-than',
  'level',
  'address',
] as const

export type Verb = keyof typeof COMMANDS
type FlagOf<Each extends Verb> = (typeof COMMANDS)[Each][number] | (typeof COMMON_FLAGS)[number]
type ValueOf<Flag> = Flag extends (typeof FLAGS_WITH_VALUE)[number] ? string : true
/** The flags that a command accepts, with their values. */
export type FlagsOf<Each extends Verb> = { readonly [Flag in FlagOf<Each>]?: ValueOf<Flag> | undefined }
