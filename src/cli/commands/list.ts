import type { Listing } from '../../commands/list.ts'
import type { CliCommand } from '../command.ts'
import { isGiven } from '../given.ts'
import { withAccount } from '../open-labs.ts'

interface Report {
  readonly listing: Listing
  readonly bills: boolean
}

export const list: CliCommand<{ readonly allRegions: boolean }, Report> = {
  usage: 'list',
  about: 'all labs in the account, whosever they are',
  flags: [
    { flag: '--all-regions', about: 'in every region of the account' },
    { flag: '--practice', about: 'on the practice cloud' },
  ],
  options: (given) => ({ allRegions: isGiven(given, 'allRegions') }),
  async run(options, session) {
    const { list: listLabs } = await import('../../commands/list.ts')
    return withAccount(session, async (account, { bills }) => ({
      listing: await listLabs(options, account),
      bills,
    }))
  },
  json: ({ listing }) => listing,
  async view({ listing, bills }, { width }) {
    const { listText } = await import('../../terminal/views/list.ts')
    return listText(listing, bills, width)
  },
}
