import { AwsError } from './aws-error.ts'

/** Refuses parameters that the practice cloud would have to pass over in silence. */
export function refuseUnsupported(input: object, supported: readonly string[]): void {
  const other = Object.keys(input).find((name) => !supported.includes(name))
  if (other === undefined) return
  throw new AwsError(
    'UnsupportedOperation',
    `The practice cloud does not support the parameter ${other} here.`,
  )
}
