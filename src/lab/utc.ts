/** A moment as sentences tell it, to the minute; what is no moment stays as it is. */
export function utc(time: number | string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return String(time)
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
