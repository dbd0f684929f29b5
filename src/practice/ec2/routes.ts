import type {
  CreateRouteRequest,
  CreateRouteResult,
  DeleteRouteRequest,
  ReplaceRouteRequest,
} from '@aws-sdk/client-ec2'
import type { RegionState, RouteTable } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { refuseUnsupported } from '../wire/unsupported.ts'
import { canonicalCidr } from './cidr.ts'
import { withId } from './ids.ts'

const LOCAL = 'local'
const supported = ['DestinationCidrBlock', 'DryRun', 'GatewayId', 'RouteTableId']

export function createRoute(input: CreateRouteRequest, { region }: Call): CreateRouteResult {
  refuseUnsupported(input, supported)
  const table = withId(region.routeTables, input.RouteTableId, 'routeTable')
  const destination = canonicalCidr(input.DestinationCidrBlock ?? '')
  if (table.routes.some((route) => route.destination === destination)) {
    const text = `The route identified by ${destination} already exists.`
    throw new AwsError('RouteAlreadyExists', text)
  }
  table.routes.push({ destination, target: targetOf(input.GatewayId, table, region) })
  return { Return: true }
}

export function replaceRoute(input: ReplaceRouteRequest, { region }: Call): void {
  refuseUnsupported(input, supported)
  const table = withId(region.routeTables, input.RouteTableId, 'routeTable')
  const route = existing(table, input.DestinationCidrBlock, 'replace')
  route.target = targetOf(input.GatewayId, table, region)
}

export function deleteRoute(input: DeleteRouteRequest, { region }: Call): void {
  refuseUnsupported(input, supported)
  const table = withId(region.routeTables, input.RouteTableId, 'routeTable')
  const route = existing(table, input.DestinationCidrBlock, 'remove')
  table.routes = table.routes.filter((each) => each !== route)
}

function existing(table: RouteTable, cidr: string | undefined, verb: string): RouteTable['routes'][number] {
  const destination = canonicalCidr(cidr ?? '')
  const route = table.routes.find((each) => each.destination === destination)
  if (route === undefined) {
    const text = `no route with destination-cidr-block ${destination} in route table ${table.id}`
    throw new AwsError('InvalidRoute.NotFound', text)
  }
  if (route.target !== LOCAL) return route
  const text = `cannot ${verb} local route ${destination} in route table ${table.id}`
  throw new AwsError('InvalidParameterValue', text)
}

/** The practice cloud routes by way of internet gateways only. */
function targetOf(gatewayId: string | undefined, table: RouteTable, region: RegionState): string {
  if (gatewayId === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter gatewayId')
  }
  const gateway = region.internetGateways.find(({ id }) => id === gatewayId)
  if (gateway === undefined) {
    throw new AwsError('InvalidGatewayID.NotFound', `The gateway ID '${gatewayId}' does not exist`)
  }
  if (gateway.vpcId === table.vpcId) return gatewayId
  const text = `route table ${table.id} and network gateway ${gatewayId} belong to different networks`
  throw new AwsError('InvalidParameterValue', text)
}
