/** Ends an aws command: a student's shell may have another region set. */
export function inRegion(kit: { readonly cloud: { readonly region: string } }): string {
  return ` --region ${kit.cloud.region}`
}
