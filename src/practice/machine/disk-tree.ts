import { realpathSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Disk } from './disk.ts'

/** The instance's disk as its user names it: `/` is the disk's root. The real paths that its shell shows mean the same. */
export function treeOf(disk: Disk) {
  const shown = resolve(disk.home, '../..')
  const root = realpathSync(shown)

  const placeOf = (path: string) => {
    const absolute = resolve('/home/ec2-user', path)
    const known = [root, shown].find((each) => isIn(each, absolute)) ?? ''
    return join(root, absolute.slice(known.length))
  }
  const nameOf = (place: string) => {
    const known = [root, shown].find((each) => isIn(each, place))
    return known === undefined ? place : place.slice(known.length) || '/'
  }
  /** A path itself, be it a link or not there yet. */
  const findLink = async (path: string) => {
    const place = placeOf(path)
    return place === root ? root : within(join(await realpath(dirname(place)), basename(place)))
  }
  /** Follows all links, the last one too. */
  const find = async (path: string) => {
    const place = await findLink(path)
    return within(await realpath(place).catch(() => place))
  }
  const within = (place: string) => {
    if (isIn(root, place)) return place
    throw Object.assign(new Error('Outside of the practice server'), { code: 'EACCES' })
  }
  return { placeOf, nameOf, findLink, find }
}

function isIn(root: string, place: string): boolean {
  return place === root || place.startsWith(`${root}/`)
}
