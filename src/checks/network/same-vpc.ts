import { type Check, fail, pass } from '../../lab/check.ts'
import { aws, flasklab } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Looks } from '../evidence.ts'

export const sameVpc: Check<Looks<'server' | 'database' | 'ownGroups'>> = {
  id: 'same-vpc',
  title: 'Server and database are in one VPC',
  needs: ['server-exists', 'db-exists'],
  async examine({ server, database, ownGroups, lab }) {
    const [its, theirs] = [await expectFound(server()), await expectFound(database())]
    if (its.vpcId === theirs.vpcId) return pass(its.vpcId)
    const subnetGroup = lab.record.names?.subnetGroup
    const group = (await ownGroups()).database?.id
    return fail({
      what: `The server ${its.id} is in ${its.vpcId}, but the database ${theirs.id} is in ${theirs.vpcId}.`,
      why: 'A private database is reached from within its own VPC only, and a rule can’t name a group of another VPC.',
      remedy: {
        say: `Move the database into the server’s VPC by giving it a subnet group there (in the console: RDS, ${theirs.id}, Modify, Connectivity). It takes some minutes.`,
        ...(subnetGroup === undefined || group === undefined
          ? {}
          : {
              run: [
                aws(lab.region, 'rds', 'modify-db-instance', {
                  'db-instance-identifier': theirs.id,
                  'db-subnet-group-name': subnetGroup,
                  'vpc-security-group-ids': group,
                  'apply-immediately': true,
                }),
                flasklab('up'),
              ],
            }),
      },
    })
  },
}
