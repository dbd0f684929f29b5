/** The flags of `up` for a region that is as good: a lab that there is stays where it is. */
export function inOtherRegion(region: string): string {
  return `--lab another-name --region ${region === 'us-east-1' ? 'us-west-2' : 'us-east-1'}`
}
