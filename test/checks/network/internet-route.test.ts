import { describe, expect, test } from 'vitest'
import { internetRoute } from '../../../src/checks/network/internet-route.ts'
import { fakeEvidence, type World } from '../fake-evidence.ts'

const toInternet = { destination: '0.0.0.0/0', target: 'igw-1', isActive: true }
const network = { routeTables: [{ id: 'rtb-1', isMain: true, subnetIds: [], routes: [toInternet] }] }

describe('where the route is right and nothing comes through', () => {
  const examine = async (world: World) => {
    const asked: string[] = []
    const evidence = fakeEvidence({ network, ...world })
    const blockedAccess = () => {
      asked.push('asked')
      return evidence.blockedAccess()
    }
    return { ...(await internetRoute.examine({ ...evidence, blockedAccess })), asked: asked.length }
  }

  test.each(['block-ingress', 'block-bidirectional'] as const)(
    'VPC Block Public Access is named with its mode %s, and how the VPC is excepted',
    async (blockedAccess) => {
      expect(await examine({ blockedAccess })).toMatchObject({
        status: 'fail',
        finding: {
          what: `VPC Block Public Access is on in us-east-1 (${blockedAccess}): its internet gateways let nobody in.`,
          remedy: {
            run: [
              'aws ec2 create-vpc-block-public-access-exclusion --vpc-id vpc-1 --internet-gateway-exclusion-mode allow-bidirectional --region us-east-1',
            ],
          },
        },
      })
    },
  )

  test('it is no fault where it is off, and a remark where AWS does not tell', async () => {
    expect(await examine({ blockedAccess: 'off' })).toEqual({ status: 'pass', asked: 1 })
    const remark = 'whether VPC Block Public Access is on, AWS does not tell'
    expect(await examine({})).toEqual({ status: 'pass', asked: 1, remark })
  })

  test('it is not asked for where anything comes through', async () => {
    for (const world of [{ way: 'answers' }, { way: 'refused' }, { site: 'answers' }] as const)
      expect(await examine({ ...world, blockedAccess: 'block-ingress' })).toEqual({
        status: 'pass',
        asked: 0,
      })
  })
})
