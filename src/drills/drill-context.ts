import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2'
import { type DBInstance, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds'
import ssh2 from 'ssh2'
import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { handout } from '../lab/lab.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import { TAG_LAB, TAG_ROLE } from '../lab/names.ts'
import type { PracticeClient } from '../practice/client.ts'
import { placesIn } from '../practice/paths.ts'

const PATIENCE_MS = 30_000

/** Everything that a drill may lay hands on: the lab, its cloud, its server and the laptop. */
export interface DrillContext {
  readonly lab: LabRecord
  readonly keyFile: string
  readonly laptop: Pick<PracticeClient, 'about' | 'changeLaptop' | 'replaceKey'>
  readonly ec2: EC2Client
  readonly rds: RDSClient
  server(): Promise<Instance>
  /** The lab's database; undefined while there is none. */
  database(): Promise<DBInstance | undefined>
  groupId(role: 'web' | 'link' | 'database'): Promise<string>
  /** Runs a command on the server as the student would; what it printed. */
  onServer(command: string, stdin?: string): Promise<string>
  /** Runs statements as the master user, with the client on the server. */
  sql(statements: string): Promise<void>
  /** The home folder of the server's disk, for what can't be repaired from inside. */
  homeOf(instanceId: string): string
  /** What `flasklab up` does. */
  goOn(): Promise<void>
  until(what: string, isSo: () => Promise<boolean>): Promise<void>
  close(): void
}

export interface DrillContextOptions {
  readonly home: string
  readonly client: PracticeClient
  readonly lab: LabRecord
  readonly keyFile: string
  readonly goOn: () => Promise<void>
}

export function openDrillContext({ home, client, lab, keyFile, goOn }: DrillContextOptions): DrillContext {
  const { port, accessKeyId, secretAccessKey } = client.service
  const config = {
    endpoint: `http://127.0.0.1:${port}`,
    region: lab.region,
    credentials: { accessKeyId, secretAccessKey },
  }
  const ec2 = new EC2Client(config)
  const rds = new RDSClient(config)
  const ofLab = { Name: `tag:${TAG_LAB}`, Values: [lab.id] }

  const context: DrillContext = {
    lab,
    keyFile,
    laptop: client,
    ec2,
    rds,
    async server() {
      const alive = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] }
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters: [ofLab, alive] }))
      return Reservations[0]?.Instances?.[0] ?? missing('server')
    },
    async database() {
      const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}))
      return DBInstances.find(({ TagList = [] }) => TagList.some((tag) => tag.Value === lab.id))
    },
    async groupId(role) {
      const Filters = [ofLab, { Name: `tag:${TAG_ROLE}`, Values: [role] }]
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))
      return SecurityGroups[0]?.GroupId ?? missing(`security group (${role})`)
    },
    async onServer(command, stdin = '') {
      const { PublicIpAddress: address = '' } = await context.server()
      const to = await client.reach(address, handout.sshPort)
      return runOver({ ...to, privateKey: readFileSync(keyFile, 'utf8') }, command, stdin)
    },
    async sql(statements) {
      const { Endpoint: { Address: host, Port } = {} } = (await context.database()) ?? missing('database')
      const options = `<(printf '[client]\\npassword="%s"\\n' "$pw")`
      const words = `--protocol=tcp --host=${host} --port=${Port} --user=${handout.masterUser}`
      const tls = `--ssl-ca="$HOME/${handout.project}/rds-ca.pem" --ssl-verify-server-cert`
      await context.onServer(
        `IFS= read -r pw && mysql --defaults-file=${options} ${words} ${tls}`,
        `${lab.passwords?.master}\n${statements}\n`,
      )
    },
    homeOf: (instanceId) => join(placesIn(home).machine(instanceId), 'home', handout.sshUser),
    goOn,
    async until(what, isSo) {
      const deadline = Date.now() + PATIENCE_MS
      while (!(await isSo())) {
        if (Date.now() > deadline) throw new Error(`It took too long until ${what}.`)
        await pause(200)
      }
    },
    close() {
      ec2.destroy()
      rds.destroy()
    },
  }
  return context
}

/** A step of a drill that is one command on the server. */
export function typed(command: string): (context: DrillContext) => Promise<void> {
  return async (context) => {
    await context.onServer(command)
  }
}

function missing(what: string): never {
  throw new LabError({
    what: `The lab has no ${what}.`,
    why: 'A drill is planted in a whole lab, and taken back from one that has its parts.',
    remedy: { say: 'Build what is missing.', run: [flasklab('up')] },
  })
}

/** The host key is not looked at: it is a server of this machine's own cloud, and a drill may have changed its key. */
function runOver(to: ssh2.ConnectConfig, command: string, stdin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const fail = (error: Error) => {
      client.end()
      reject(unreached(error))
    }
    client.on('error', fail)
    client.on('ready', () => {
      client.exec(command, (failed, channel) => {
        if (failed) return fail(failed)
        let code: number | null = null
        const printed = Promise.all([text(channel), text(channel.stderr)])
        channel.on('exit', (exitCode: number | null) => {
          code = exitCode
        })
        channel.on('close', () => {
          void printed.then(([stdout, stderr]) => {
            client.end()
            if (code === 0) resolve(stdout)
            else reject(new Error(`On the server this failed with ${code}: ${command}\n${stderr}`))
          })
        })
        channel.end(stdin)
      })
    })
    client.connect({ ...to, username: handout.sshUser, readyTimeout: 8_000 })
  })
}

function unreached(cause: Error): LabError {
  return new LabError(
    {
      what: `The server can’t be reached over SSH to repair it (${cause.message}).`,
      why: 'Something else than the drill stands in the way.',
      remedy: { say: 'Let the doctor tell what, mend that, and try again.', run: [flasklab('doctor')] },
    },
    { cause },
  )
}
