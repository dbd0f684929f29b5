import type { GetCallerIdentity$ } from '@aws-sdk/client-sts'
import type { Cloud } from '../cloud.ts'
import type { RegionState, User } from '../state.ts'

/** All that an operation knows besides its input. */
export interface Call {
  readonly cloud: Cloud
  readonly region: RegionState
  readonly regionName: string
  /** The user who has signed the request. */
  readonly caller: Pick<User, 'name' | 'id'>
}

/** The SDK's own description of an operation: its name, and the shapes of its input and output. */
export type OperationSchema = typeof GetCallerIdentity$

export interface Operation {
  readonly schema: OperationSchema
  run(input: unknown, call: Call): unknown
}

export type Operations = ReadonlyMap<string, Operation>

export function operation<Input, Output>(
  schema: OperationSchema,
  run: (input: Input, call: Call) => Output | Promise<Output>,
): Operation {
  // The input was decoded by the schema from which the SDK's type of the input is generated.
  return { schema, run: (input, call) => run(input as Input, call) }
}

export function operationsByName(operations: readonly Operation[]): Operations {
  return new Map(operations.map((operation) => [operation.schema[2], operation]))
}
