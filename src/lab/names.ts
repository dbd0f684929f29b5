import { handout } from './lab.ts'

/** What this lab's resources are called. The first lab in an account has the handout's names. */
export interface Names {
  readonly server: string
  readonly database: string
  readonly webGroup: string
  readonly keyPair: string
  readonly subnetGroup: string
}

export const TAG_LAB = 'flasklab:lab'
export const TAG_LAB_NAME = 'flasklab:lab-name'
export const TAG_OWNER = 'flasklab:owner'
/** By when the lab is to be gone, as ISO 8601 in UTC. */
export const TAG_EXPIRES = 'flasklab:expires'
export const TAG_ROLE = 'flasklab:role'
export const TAG_HOST_KEY = 'flasklab:host-key'

/** `isTaken` says whether somebody else's resource has one of the handout's names already. */
export function namesFor(lab: { readonly name: string; readonly id: string }, isTaken: boolean): Names {
  const suffix = isTaken ? `-${lab.name}` : ''
  return {
    server: `${handout.server}${suffix}`,
    database: `${handout.database}${suffix}`,
    webGroup: `${handout.server}-web-${lab.id}`,
    keyPair: `flasklab-${lab.name}-${lab.id}`,
    subnetGroup: `flasklab-${lab.name}-${lab.id}`,
  }
}

/** A lab's name is part of RDS identifiers: small letters, digits and single hyphens, a letter first. */
export function isLabName(name: string): boolean {
  return name.length <= 30 && /^[a-z](?:-?[a-z0-9])*$/.test(name)
}

// What both EC2 and RDS accept in tag values; EC2 alone would take more.
const NOT_IN_TAGS = /[^\p{L}\p{N} _.:/=+\-@]/gu

/** A tag value that EC2 and RDS accept; what they refuse becomes a hyphen. */
export function cleanTagValue(value: string): string {
  return [...value.normalize('NFC').replace(NOT_IN_TAGS, '-')].slice(0, 256).join('')
}

/** A security group's name or description as EC2 accepts it; what it refuses becomes a hyphen. */
export function cleanGroupText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]/gu, '-')
    .slice(0, 255)
}
