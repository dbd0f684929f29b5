import type { Stock } from '../../commands/status.ts'
import type { CliCommand } from '../command.ts'
import { withLab } from '../open-labs.ts'

interface Report {
  readonly stock: Stock
  readonly bills: boolean
}

const LOOK = 'a look at the lab'

export const status: CliCommand<undefined, Report> = {
  usage: 'status',
  about: 'what there is of the lab, and where it is reached',
  options: () => undefined,
  async run(_, session) {
    const { takeStock } = await import('../../commands/status.ts')
    return withLab({ lookup: 'find' }, session, async (kit, { bills }) => {
      kit.tell({ kind: 'waiting', id: LOOK, title: LOOK, since: kit.clock.now() })
      try {
        return { stock: await takeStock(kit), bills }
      } finally {
        kit.tell({ kind: 'waited', id: LOOK })
      }
    })
  },
  json: ({ stock }) => stock.status,
  async view({ stock, bills }, paper) {
    const { statusText } = await import('../../terminal/views/status.ts')
    return statusText(stock, bills, paper)
  },
}
