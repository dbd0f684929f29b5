import { handout } from './lab.ts'

/** The names of this lab's resources. The first lab in an account has the handout's names. */
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

/** The names of the lab's server and database: those of the handout, as long as the lab has chosen none. */
export function namesOf({ names }: { readonly names?: Names }): Pick<Names, 'server' | 'database'> {
  return names ?? handout
}

/** Which names the lab may have, the dearest first; the last ones hold its random id, and nobody else has them. */
export function namesFor({
  name,
  id,
}: {
  readonly name: string
  readonly id: string
}): readonly [Names, Names, Names] {
  const ending = (suffix: string): Names => ({
    server: `${handout.server}${suffix}`,
    database: `${handout.database}${suffix}`,
    webGroup: `${handout.server}-web-${id}`,
    keyPair: `flasklab-${name}-${id}`,
    subnetGroup: `flasklab-${name}-${id}`,
  })
  return [ending(''), ending(`-${name}`), ending(`-${name}-${id}`)]
}

/** A lab's name is part of RDS identifiers: small letters, digits and single hyphens, a letter first. */
export function isLabName(name: string): boolean {
  return name.length <= 30 && /^[a-z](?:-?[a-z0-9])*$/.test(name)
}

/** Ten hex digits, as `newRecord` makes them: whatever else a tag or a file calls a lab's id is none. */
export function isLabId(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{10}$/.test(text)
}

/** A name for a lab when only its id is known. */
export function nameOfLost(id: string): string {
  return `lost-${id}`
}

// EC2 and RDS both accept every other character in tag values; EC2 alone would take more.
const NOT_IN_TAGS = /[^\p{L}\p{N} _.:/=+\-@]/gu

/** A tag value that EC2 and RDS accept; what they refuse becomes a hyphen. */
export function cleanTagValue(value: string): string {
  return [...value.normalize('NFC').replace(NOT_IN_TAGS, '-')].slice(0, 256).join('')
}

/** Anybody's text for the screen: what moves the cursor, turns the direction or shows nothing is shown as unreadable. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD')
}

/** A security group's name or description as EC2 accepts it; what it refuses becomes a hyphen. */
export function cleanGroupText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]/gu, '-')
    .slice(0, 255)
}
