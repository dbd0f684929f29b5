import { type Check, fail, type Mend, pass } from '../lab/check.ts'
import { expectFound } from '../lab/expect-found.ts'
import type { Finding } from '../lab/finding.ts'
import { inRegion } from '../lab/in-region.ts'
import { handout } from '../lab/lab.ts'
import type { Kit } from '../lab/ports.ts'
import { launchInstance } from '../phases/1-launch-instance.ts'
import { lost, lostTags } from '../phases/lost-tags.ts'
import type { Evidence } from './evidence.ts'
import { replaceServerRemedy } from './replace-server-remedy.ts'

const serverExists: Check<Evidence> = {
  id: 'server-exists',
  title: 'The EC2 server exists',
  needs: ['region'],
  async examine({ server, kit }) {
    const seen = await server()
    if (seen) return pass(seen.id)
    const untagged = await lost('server', kit)
    if (untagged !== undefined) return fail(lostTags(untagged, kit))
    const name = kit.record.value.names?.server ?? handout.server
    return fail({
      what: `There is no server of this lab in ${kit.cloud.region}.`,
      why: `No running or stopped instance carries its tags: it was never launched (phase 1), or somebody terminated it.`,
      remedy: {
        say: `Launch ${name}. In the console it would be under EC2, Instances; look at the region at the top right.`,
        run: ['flasklab up'],
      },
    })
  },
}

const serverRunning: Check<Evidence> = {
  id: 'server-running',
  title: 'The server runs',
  needs: ['server-exists'],
  async examine(evidence) {
    const { id, state, stateReason } = await expectFound(evidence.server())
    if (state === 'running') return pass()
    const finding: Finding = {
      what: `The server ${id} is ${state}, not running.`,
      why: `${stateReason === '' ? '' : `${stateReason} `}A server that does not run answers nobody, and loses its public address.`,
      remedy: {
        say: 'Start it (in the console: EC2, Instances, Instance state, Start).',
        run: evidence.kit.isHandmade
          ? [`aws ec2 start-instances --instance-ids ${id}${inRegion(evidence.kit)}`]
          : ['flasklab up'],
      },
    }
    return fail(finding, remakeServer(evidence, `start the server ${id}`))
  },
}

const serverAddress: Check<Evidence> = {
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

export const instanceChecks = [serverExists, serverRunning, serverAddress]

function remakeServer(evidence: Evidence, title: string): Mend | undefined {
  if (evidence.kit.isHandmade) return undefined
  return {
    title,
    async apply() {
      const network = await evidence.kit.cloud.findNetwork()
      await launchInstance.make({ network } as never, evidence.kit)
    },
  }
}
