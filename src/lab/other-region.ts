import { type Flasklab, flasklab } from './command.ts'

/** Builds a lab in a region that is as good: a lab that there is stays where it is. */
export function upInOtherRegion(region: string): Flasklab {
  const other = region === 'us-east-1' ? 'us-west-2' : 'us-east-1'
  return flasklab('up', { lab: 'another-name', region: other })
}
