import {
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2'
import { type DBInstance, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds'
import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import { TAG_LAB, TAG_ROLE } from '../lab/names.ts'
import type { Service } from '../practice/service-file.ts'

/** The cloud that a lab is in, and what there is of the lab by its tags. */
export interface Lookups {
  readonly ec2: EC2Client
  readonly rds: RDSClient
  server(): Promise<Instance>
  /** The lab's database; undefined while there is none. */
  database(): Promise<DBInstance | undefined>
  groupId(role: 'web' | 'link' | 'database'): Promise<string>
  close(): void
}

export function lookUp({ port, accessKeyId, secretAccessKey }: Service, lab: LabRecord): Lookups {
  const config = {
    endpoint: `http://127.0.0.1:${port}`,
    region: lab.region,
    credentials: { accessKeyId, secretAccessKey },
  }
  const ec2 = new EC2Client(config)
  const rds = new RDSClient(config)
  const ofLab = { Name: `tag:${TAG_LAB}`, Values: [lab.id] }
  return {
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
    close() {
      ec2.destroy()
      rds.destroy()
    },
  }
}

/** Throws the finding that a part of the lab is not there. */
export function missing(what: string): never {
  throw new LabError({
    what: `The lab has no ${what}.`,
    why: 'A drill is planted in a whole lab, and taken back from one that has its parts.',
    remedy: { say: 'Build what is missing.', run: [flasklab('up')] },
  })
}
