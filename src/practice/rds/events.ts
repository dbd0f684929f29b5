import type { DescribeEventsMessage, EventsMessage } from '@aws-sdk/client-rds'
import type { Database, DatabaseEvent, RegionState } from '../state.ts'
import type { Call } from '../wire/operation.ts'
import { invalidCombination } from './faults.ts'
import { pageOf } from './paging.ts'

const MINUTE = 60_000
const KEPT = 14 * 24 * 60 * MINUTE

/** RDS keeps what happened to its databases for 14 days. */
export function recordEvent(region: RegionState, database: Database, message: string): void {
  const now = Date.now()
  const young = region.databaseEvents.filter(({ at }) => at > now - KEPT)
  region.databaseEvents = [...young, { databaseId: database.id, at: now, message }]
}

export function describeEvents(
  input: DescribeEventsMessage,
  { region, regionName, cloud }: Call,
): EventsMessage {
  if (input.SourceIdentifier !== undefined && input.SourceType === undefined) {
    throw invalidCombination('SourceType must be specified when SourceIdentifier is specified.')
  }
  const { earliest, latest } = periodOf(input)
  const asked = region.databaseEvents.filter(
    ({ at, databaseId }) =>
      earliest <= at &&
      at <= latest &&
      (input.SourceType ?? 'db-instance') === 'db-instance' &&
      (input.SourceIdentifier ?? databaseId) === databaseId,
  )
  const { items, marker } = pageOf(asked, input)
  return {
    Events: items.map((event: DatabaseEvent) => ({
      SourceIdentifier: event.databaseId,
      SourceType: 'db-instance',
      SourceArn: `arn:aws:rds:${regionName}:${cloud.state.account}:db:${event.databaseId}`,
      Message: event.message,
      EventCategories: [],
      Date: new Date(event.at),
    })),
    Marker: marker,
  }
}

function periodOf({ StartTime: start, EndTime: end, Duration: minutes = 60 }: DescribeEventsMessage) {
  const latest = end?.getTime() ?? Date.now()
  return { earliest: start?.getTime() ?? latest - minutes * MINUTE, latest }
}
