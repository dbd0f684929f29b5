import type {
  RouteTable as ApiRouteTable,
  AttachmentStatus,
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult,
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
  Route,
  RouteTableAssociation,
} from '@aws-sdk/client-ec2'
import type { InternetGateway, RouteTable } from '../state.ts'
import type { Call } from '../wire/operation.ts'
import { type Fields, select } from './filters.ts'
import { withIds } from './ids.ts'
import { pageOf } from './paging.ts'
import { tagListOf } from './tag-lists.ts'

// AWS answers this for an attached gateway, though its own list of values has only `attached`.
const ATTACHED = 'available' as AttachmentStatus

export function describeRouteTables(
  input: DescribeRouteTablesRequest,
  { region, cloud }: Call,
): DescribeRouteTablesResult {
  const tables = withIds(region.routeTables, input.RouteTableIds, 'routeTable')
  const asked = select(tables, input.Filters, tableFields, ({ tags }) => tags)
  const { items, nextToken } = pageOf(asked, input, 5, 100)
  return { RouteTables: items.map((table) => tableAnswer(table, cloud.state.account)), NextToken: nextToken }
}

const tableFields: Fields<RouteTable> = {
  'association.main': (table) => associationsOf(table).map(({ Main: main }) => String(main)),
  'association.route-table-id': (table) => table.id,
  'association.subnet-id': (table) => table.subnetIds,
  'route.destination-cidr-block': (table) => table.routes.map(({ destination }) => destination),
  'route.gateway-id': (table) => table.routes.map(({ target }) => target),
  'route-table-id': (table) => table.id,
  'vpc-id': (table) => table.vpcId,
}

function tableAnswer(table: RouteTable, account: string): ApiRouteTable {
  return {
    RouteTableId: table.id,
    VpcId: table.vpcId,
    OwnerId: account,
    Associations: associationsOf(table),
    PropagatingVgws: [],
    Routes: table.routes.map(routeAnswer),
    Tags: tagListOf(table.tags),
  }
}

function associationsOf(table: RouteTable): RouteTableAssociation[] {
  const associated = { RouteTableId: table.id, AssociationState: { State: 'associated' as const } }
  const main = { ...associated, Main: true, RouteTableAssociationId: table.id.replace('rtb-', 'rtbassoc-') }
  const explicit = table.subnetIds.map((id) => ({
    ...associated,
    Main: false,
    SubnetId: id,
    RouteTableAssociationId: id.replace('subnet-', 'rtbassoc-'),
  }))
  return table.main ? [main, ...explicit] : explicit
}

function routeAnswer({ destination, target }: RouteTable['routes'][number]): Route {
  return {
    DestinationCidrBlock: destination,
    ...(target.startsWith('nat-') ? { NatGatewayId: target } : { GatewayId: target }),
    Origin: target === 'local' ? 'CreateRouteTable' : 'CreateRoute',
    State: 'active',
  }
}

export function describeInternetGateways(
  input: DescribeInternetGatewaysRequest,
  { region, cloud }: Call,
): DescribeInternetGatewaysResult {
  const gateways = withIds(region.internetGateways, input.InternetGatewayIds, 'internetGateway')
  const asked = select(gateways, input.Filters, gatewayFields, ({ tags }) => tags)
  const { items, nextToken } = pageOf(asked, input)
  return {
    InternetGateways: items.map(({ id, vpcId, tags }) => ({
      InternetGatewayId: id,
      OwnerId: cloud.state.account,
      Attachments: vpcId === undefined ? [] : [{ VpcId: vpcId, State: ATTACHED }],
      Tags: tagListOf(tags),
    })),
    NextToken: nextToken,
  }
}

const gatewayFields: Fields<InternetGateway> = {
  'attachment.state': ({ vpcId }) => (vpcId === undefined ? undefined : 'available'),
  'attachment.vpc-id': (gateway) => gateway.vpcId,
  'internet-gateway-id': (gateway) => gateway.id,
}
