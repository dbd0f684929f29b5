import { type Check, pass } from '../../lab/check.ts'

/** The floor is in package.json; this is until when each line of Node.js is supported by its makers. */
const NODE_ENDS: Readonly<Record<string, string>> = {
  20: '2026-04-30',
  22: '2027-04-30',
  24: '2028-04-30',
}

export const nodeVersion: Check = {
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
