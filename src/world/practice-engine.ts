import type { Ask, Kit } from '../lab/ports/kit.ts'
import { ensureEngine } from '../practice/database/install.ts'

const TITLE = 'MariaDB to be installed'

/** Makes sure that this machine has the practice cloud's database engine, by asking the student. */
export function ensurePracticeEngine(ask: Ask, tell: Kit['tell']): Promise<void> {
  return ensureEngine({
    confirm: (question) => ask.confirm(question, { fallback: true, flag: '--yes' }),
    async during(work) {
      tell({ kind: 'waiting', id: TITLE, title: TITLE, since: Date.now() })
      try {
        return await work()
      } finally {
        tell({ kind: 'waited', id: TITLE })
      }
    },
  })
}
