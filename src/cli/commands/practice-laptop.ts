import type { LaptopStatus, LaptopWish } from '../../world/practice-cloud.ts'
import { laptopAddress } from '../argument-parsers.ts'
import type { CliCommand } from '../command.ts'
import { isGiven, textOf } from '../given.ts'

export const practiceLaptop: CliCommand<LaptopWish, LaptopStatus> = {
  usage: 'laptop',
  about: 'your laptop as the practice cloud sees it',
  flags: [
    { flag: '--address <address>', about: 'move it to another address', parse: laptopAddress },
    { flag: '--set-clock', about: 'set its clock by the network' },
    { flag: '--new-credentials', about: 'replace its access key by a new one' },
  ],
  options: (given) => ({
    address: textOf(given, 'address'),
    setClock: isGiven(given, 'setClock'),
    newCredentials: isGiven(given, 'newCredentials'),
  }),
  async run(wish, { io, home }) {
    const { practiceLaptop: change } = await import('../../world/practice-cloud.ts')
    return change(wish, { home, env: io.env })
  },
  json: (status) => status,
  async view(status) {
    const { laptopText } = await import('../../terminal/views/practice.ts')
    return laptopText(status)
  },
}
