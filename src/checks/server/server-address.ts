import { type Check, fail, pass } from '../../lab/check.ts'
import { aws } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import type { ExaminedLab, Looks } from '../evidence.ts'
import { replaceServerRemedy } from './replace-server-remedy.ts'

export const serverAddress: Check<Looks<'server'>> = {
  id: 'server-address',
  title: 'The server has a public address',
  needs: ['server-running'],
  async examine({ server, lab }) {
    const { id, address, interfaceId } = await expectFound(server())
    if (address !== undefined) return pass(address)
    return fail({
      what: `The server ${id} runs but has no public address.`,
      why: 'It was launched without one, or its interface was told to give none; so nothing outside its VPC can reach it.',
      remedy: interfaceId === undefined ? replaceServerRemedy(id, lab) : giveAddress(interfaceId, lab),
    })
  },
}

function giveAddress(interfaceId: string, { region }: ExaminedLab): Finding['remedy'] {
  return {
    say: `Let its interface give it one again (in the console: EC2, Network Interfaces, ${interfaceId}, Actions, Manage IP addresses, Auto-assign public IP). If your aws command line is too old to know the flag, update it; if AWS refuses, terminate the server and launch another one.`,
    run: [
      aws(region, 'ec2', 'modify-network-interface-attribute', {
        'network-interface-id': interfaceId,
        'associate-public-ip-address': true,
      }),
    ],
  }
}
