import { type Check, fail, pass, skip } from '../../lab/check.ts'
import { onServer } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Looks } from '../evidence.ts'

const ROOM_NEEDED_MIB = 200

export const diskSpace: Check<Looks<'survey' | 'server'>> = {
  id: 'disk-space',
  title: 'There is room on the server’s disk',
  needs: ['ssh-login'],
  async examine({ survey, server }) {
    const { freeMib, largeFiles: large } = await survey()
    if (freeMib === undefined) return skip('the server does not tell')
    if (freeMib >= ROOM_NEEDED_MIB) return pass(`${freeMib} MiB are free`)
    const { id } = await expectFound(server())
    const heap = large.find((path) => MADE_AGAIN.test(path))
    return fail({
      what: `The disk of ${id} is full: ${freeMib} MiB are free.`,
      why: `The app can’t be installed or write its log, and MySQL’s client can’t sort.${large.length === 0 ? '' : ` The largest files in its home folder: ${large.join(', ')}.`}`,
      remedy:
        heap === undefined
          ? {
              say: 'See what fills it, and delete what you put there.',
              run: [onServer('du -xh ~ | sort -h | tail -n 20')],
            }
          : {
              say: `Delete ~/${heap}, if you need nothing of what is in it.`,
              run: [onServer(`rm ${heap}`)],
            },
    })
  },
}

/** Files that programs write in passing. Anything else may be somebody's work: no command here deletes that. */
const MADE_AGAIN = /(?:^|\/)(?:nohup\.out|core(?:\.\d+)?|[\w-]+\.log)$/
