import type { Clock } from '../lab/ports/kit.ts'
import { untilAllowed } from '../lab/wait.ts'
import { codeOf, messageOf } from './error-codes.ts'

/** A code of AWS; where it has several causes, with the words that tell them apart. No code: by the words alone. */
type Row = string | readonly [code: string | undefined, words: RegExp]

/** The refusals behind each meaning that the code branches on. The words for students stand in error-findings.ts. */
const MEANINGS = {
  /** AWS does not know yet what it has just made. */
  young: [
    'InvalidInstanceID.NotFound',
    'InvalidID',
    'InvalidGroup.NotFound',
    'InvalidKeyPair.NotFound',
    'DBInstanceNotFound',
  ],
  /** The thing to delete is gone, or on its way. */
  gone: [
    'InvalidInstanceID.NotFound',
    'DBInstanceNotFound',
    'DBSubnetGroupNotFoundFault',
    'InvalidGroup.NotFound',
    'InvalidKeyPair.NotFound',
    'InvalidVolume.NotFound',
    'InvalidNetworkInterfaceID.NotFound',
    'InvalidAllocationID.NotFound',
    'DBSnapshotNotFound',
    'DBInstanceAutomatedBackupNotFound',
    'InvalidSecurityGroupRuleId.NotFound',
    [undefined, /already being deleted/],
  ],
  /** Another of the lab's resources must go first, or the thing is in a state that must pass first. */
  held: [
    'DependencyViolation',
    'InvalidGroup.InUse',
    'InvalidDBInstanceState',
    'InvalidDBSubnetGroupState',
    'VolumeInUse',
    'InvalidNetworkInterface.InUse',
    'InvalidParameterValue',
    'IncorrectInstanceState',
    'InvalidDBSubnetGroupStateFault',
    'InvalidIPAddress.InUse',
    'InvalidDBSnapshotState',
    'InvalidDBInstanceAutomatedBackupState',
  ],
  /** Somebody has switched a protection on. */
  protected: ['OperationNotPermitted', [undefined, /disable deletion protection/i]],
  /** Nothing is changed of what does not run. */
  stopped: [[undefined, /stopped/i]],
  /** The thing to make is there already. */
  taken: [
    'DBInstanceAlreadyExists',
    'DBSubnetGroupAlreadyExists',
    'InvalidGroup.Duplicate',
    'InvalidKeyPair.Duplicate',
    'InvalidPermission.Duplicate',
  ],
  /** These credentials may not ask. */
  denied: ['UnauthorizedOperation', 'AccessDenied'],
  /** Another zone may take the server. */
  'zone-is-full': ['InsufficientInstanceCapacity', 'Unsupported', 'InsufficientFreeAddressesInSubnet'],
  /** The token of the launch has launched something else. */
  'token-is-used': ['IdempotentParameterMismatch'],
  /** `resolve:ssm:` is documented for the command line only, and needs a right that some accounts lack. */
  'image-is-unresolved': [
    'InvalidAMIID.Malformed',
    'InvalidAMIID.NotFound',
    ['UnauthorizedOperation', /ssm/i],
    ['AccessDenied', /ssm/i],
  ],
  /** RDS may take another kind of disk. A Learner Lab denies by a rule, and does not say which part it does not want. */
  'disk-is-refused': [
    'StorageTypeNotSupported',
    ['InvalidParameterCombination', /storage/i],
    ['AccessDenied', /rds:CreateDBInstance .*explicit deny/],
  ],
  /** RDS may take another class. */
  'class-is-refused': ['InsufficientDBInstanceCapacity', ['InvalidParameterCombination', /instance class/i]],
  /** RDS does not know the group yet, the first role of the account is being made, or the old one is being deleted. */
  'too-early': [
    ['InvalidParameterValue', /security group/i],
    [undefined, /service linked role/i],
  ],
} as const satisfies Readonly<Record<string, readonly Row[]>>

export type Meaning = keyof typeof MEANINGS

/** Whether a refusal of AWS means this. */
export function means(error: unknown, meaning: Meaning): boolean {
  const rows: readonly Row[] = MEANINGS[meaning]
  return rows.some((row) => {
    const [code, words] = typeof row === 'string' ? [row, undefined] : row
    return (code === undefined || codeOf(error) === code) && (words?.test(messageOf(error)) ?? true)
  })
}

const KNOWN_MS = 60_000

/** Runs a request again while AWS does not know yet what it has just made; other errors pass through. */
export function onceKnown<Answer>(
  request: () => Promise<Answer>,
  { clock }: { readonly clock: Clock },
): Promise<Answer> {
  return untilAllowed(request, (error) => means(error, 'young'), KNOWN_MS, clock)
}
