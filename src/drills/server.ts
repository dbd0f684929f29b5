import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  ModifyNetworkInterfaceAttributeCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import { handout } from '../lab/lab.ts'
import type { Drill } from './drill.ts'
import { type DrillContext, typed } from './drill-context.ts'

const AUTHORIZED_KEYS = '.ssh/authorized_keys'
/** The disk of a practice server begins two folders above the home. */
const HOST_KEY = '../../etc/ssh/ssh_host_ecdsa_key'

export const serverDrills: readonly Drill[] = [
  {
    id: 'server-stopped',
    level: 'easy',
    symptom: 'This morning neither the site nor SSH answers. Yesterday evening all worked.',
    hints: [
      'Begin with the plainest question: is anybody at home?',
      'EC2 shows in which state the instance is.',
      'The instance is stopped. When it starts, it has another public address.',
    ],
    fault: 'Somebody had stopped the server.',
    expectedCheck: 'server-running',
    async plant(context) {
      const { InstanceId = '' } = await context.server()
      await context.ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }))
      await untilServerIs('stopped', context)
    },
    async solve(context) {
      const { InstanceId = '' } = await context.server()
      // A server that still stops can't be started.
      await context.until('the server stands still', async () => (await stateOf(context)) !== 'stopping')
      await context.ec2.send(new StartInstancesCommand({ InstanceIds: [InstanceId] }))
      await untilServerIs('running', context)
    },
  },
  {
    id: 'server-terminated',
    level: 'medium',
    symptom: 'A colleague cleaned up "instances that nobody needs". Nothing of our site answers now.',
    hints: [
      'What did the colleague clean up?',
      'A stopped instance can be started; one that was terminated is gone, its disk with it.',
      'The server no longer exists. The database does: launch another server.',
    ],
    fault: 'The server had been terminated.',
    expectedCheck: 'server-exists',
    async plant(context) {
      const { InstanceId = '' } = await context.server()
      await context.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }))
    },
    solve: (context) => context.goOn(),
  },
  {
    id: 'public-address-off',
    level: 'hard',
    symptom: 'The console says "running" and the address field of my server is empty. Nothing reaches it.',
    hints: [
      'How does somebody on the internet name the server?',
      'A public IPv4 address belongs to the network interface, and can be taken from it.',
      'The interface gives no public address any more (EC2, Network interfaces, Manage IP addresses).',
    ],
    fault: 'The public address had been taken from the server’s network interface.',
    expectedCheck: 'server-address',
    async plant(context) {
      await associateAddress(false, context)
    },
    solve: (context) => associateAddress(true, context),
  },
  {
    id: 'host-key-renewed',
    level: 'hard',
    symptom: 'ssh shouts at me: REMOTE HOST IDENTIFICATION HAS CHANGED! The site works.',
    hints: [
      'By what does SSH know that a server is the one that it was?',
      'It is the right instance, but it has not shown this key on its console when it was born.',
      'Its SSH host keys were deleted, and made anew at the restart. Nobody can vouch for the new ones: launch another server.',
    ],
    fault: 'The server’s SSH host keys had been deleted, and made anew by a restart.',
    expectedCheck: 'host-key',
    async prepare(context) {
      const { InstanceId = '' } = await context.server()
      const privateKey = await context.onServer(`cat ${HOST_KEY}`)
      const publicKey = await context.onServer(`cat ${HOST_KEY}.pub`)
      return { InstanceId, privateKey, publicKey }
    },
    async plant(context) {
      await context.onServer(`rm ${HOST_KEY} ${HOST_KEY}.pub`)
      await rebooted(context)
    },
    async solve(context, { InstanceId, privateKey = '', publicKey = '' }) {
      // Another server has a key of its own.
      if ((await context.server()).InstanceId !== InstanceId) return
      await context.onServer(`umask 077; cat >${HOST_KEY}`, privateKey)
      await context.onServer(`cat >${HOST_KEY}.pub`, publicKey)
      await rebooted(context)
    },
  },
  {
    id: 'authorized-keys-lost',
    level: 'hard',
    symptom: 'SSH answers at once: Permission denied (publickey). It is the key that I have always used.',
    hints: [
      'Your half of the key is in order. Where is the other half?',
      'The server keeps the public keys that open it in a file, which can be written over.',
      'In ~/.ssh/authorized_keys lies another key. From outside nobody can mend that: launch another server.',
    ],
    fault: 'The server’s ~/.ssh/authorized_keys had been written over with another key.',
    expectedCheck: 'ssh-login',
    async prepare(context) {
      const { InstanceId = '' } = await context.server()
      return { InstanceId, keys: await context.onServer(`cat ${AUTHORIZED_KEYS}`) }
    },
    async plant(context) {
      const other =
        'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ somebody'
      await context.onServer(`echo '${other}' >${AUTHORIZED_KEYS}`)
    },
    async solve({ homeOf }, { InstanceId = '', keys = '' }) {
      const file = join(homeOf(InstanceId), AUTHORIZED_KEYS)
      // There is no key to enter by: the disk is mended from outside, as on a rescue instance.
      if (existsSync(file)) writeFileSync(file, keys)
    },
  },
  {
    id: 'disk-full',
    level: 'medium',
    symptom: 'Whatever I save on the server, the editor says: No space left on device.',
    hints: [
      'The server says itself what is wrong. How much room is there?',
      '"df -h" shows how full the disk is, "du" what fills it.',
      'A forgotten log in the home folder, nohup.out, has grown until nothing was left.',
    ],
    fault: 'A forgotten nohup.out had filled the server’s disk.',
    expectedCheck: 'disk-space',
    // Sparse, it costs the laptop nothing.
    plant: typed('truncate -s 8G ~/nohup.out'),
    solve: typed('rm -f ~/nohup.out'),
  },
  {
    id: 'node-removed',
    level: 'medium',
    symptom:
      'The site works, but on the server every "node-22" says: command not found. We dare not restart.',
    hints: [
      'A program that runs is in memory. What would a restart need?',
      'Packages can be removed under a running program.',
      'The package nodejs22 is no longer installed.',
    ],
    fault: 'The package nodejs22 had been removed.',
    expectedCheck: 'node-runtime',
    plant: typed('sudo dnf -y remove nodejs22'),
    solve: typed('sudo dnf -y install nodejs22'),
  },
  {
    id: 'mysql-client-removed',
    level: 'easy',
    symptom: 'I wanted to look into the table from the server: "mysql: command not found".',
    hints: [
      'The app does not need it, but you do.',
      'The client is a package. It is not called mysql.',
      'Install mariadb105.',
    ],
    fault: 'The package of the MySQL client, mariadb105, had been removed.',
    expectedCheck: 'mysql-client',
    plant: typed('sudo dnf -y remove mariadb105'),
    solve: typed('sudo dnf -y install mariadb105'),
  },
]

function untilServerIs(state: string, context: DrillContext): Promise<void> {
  return context.until(`the server is ${state}`, async () => (await stateOf(context)) === state)
}

async function stateOf(context: DrillContext): Promise<string | undefined> {
  return (await context.server()).State?.Name
}

async function associateAddress(AssociatePublicIpAddress: boolean, context: DrillContext): Promise<void> {
  const { NetworkInterfaces: [card] = [] } = await context.server()
  await context.ec2.send(
    new ModifyNetworkInterfaceAttributeCommand({
      NetworkInterfaceId: card?.NetworkInterfaceId,
      AssociatePublicIpAddress,
    }),
  )
}

async function rebooted(context: DrillContext): Promise<void> {
  const { InstanceId = '' } = await context.server()
  const before = await mainProcess(context)
  await context.ec2.send(new RebootInstancesCommand({ InstanceIds: [InstanceId] }))
  await context.until('the server has restarted', async () => {
    const now = await mainProcess(context).catch(() => before)
    return now !== before
  })
}

/** The app's: after a restart of the server it is another one. */
function mainProcess(context: DrillContext): Promise<string> {
  return context.onServer(`sudo systemctl status ${handout.service} | grep PID`)
}
