import type { Filter } from '@aws-sdk/client-rds'
import { invalidValue } from './faults.ts'

/** The resources that every filter names in one of its values: RDS knows no wildcards. */
export function select<Resource>(
  resources: readonly Resource[],
  filters: readonly Filter[] | undefined,
  fields: Readonly<Record<string, (resource: Resource) => readonly string[]>>,
): Resource[] {
  return (filters ?? []).reduce(
    (left, { Name: name = '', Values: values }) => {
      const valuesOf = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (valuesOf === undefined) throw invalidValue(`Unrecognized filter name: ${name}`)
      if (values === undefined || values.length === 0) {
        throw invalidValue(`The filter ${name} must have at least one value.`)
      }
      return left.filter((resource) => valuesOf(resource).some((value) => values.includes(value)))
    },
    [...resources],
  )
}
