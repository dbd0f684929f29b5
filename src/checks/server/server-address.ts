import { type Check, fail, pass } from '../../lab/check.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { inRegion } from '../../lab/in-region.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import type { Evidence } from '../evidence.ts'
import { replaceServerRemedy } from './replace-server-remedy.ts'

export const serverAddress: Check<Evidence> = {
  id: 'server-address',
  title: 'The server has a public address',
  needs: ['server-running'],
  async examine({ server, kit }) {
    const { id, address, interfaceId } = await expectFound(server())
    if (address !== undefined) return pass(address)
    return fail({
      what: `The server ${id} runs but has no public address.`,
      why: 'It was launched without one, or its interface was told to give none; so nothing outside its VPC can reach it.',
      remedy: interfaceId === undefined ? replaceServerRemedy(id, kit) : giveAddress(interfaceId, kit),
    })
  },
}

function giveAddress(interfaceId: string, kit: Kit): Finding['remedy'] {
  return {
    say: `Let its interface give it one again (in the console: EC2, Network Interfaces, ${interfaceId}, Actions, Manage IP addresses, Auto-assign public IP). If your aws command line is too old to know the flag, update it; if AWS refuses, terminate the server and launch another one.`,
    run: [
      `aws ec2 modify-network-interface-attribute --network-interface-id ${interfaceId} --associate-public-ip-address${inRegion(kit)}`,
    ],
  }
}
