import type { Finding, FindingCode } from '../lab/finding.ts'

/** `request` is the one that was refused, as IAM writes it: `ec2:RunInstances`. */
export type Explain = (message: string, region: string, request: string | undefined) => Explained

/** The finding, and what code may branch on. */
type Explained = Finding & { readonly code?: FindingCode }
