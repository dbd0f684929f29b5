/**
 * A program on a practice instance that listens on a TCP port is given a Unix socket instead, named after what
 * it declared: only the first kind is open to the network, as on EC2.
 */
export function openSocketName(port: number): string {
  return `${port}.sock`
}

/** For what declares 127.0.0.1: it can be reached from the instance itself only. */
export function loopbackSocketName(port: number): string {
  return `loopback-${port}.sock`
}
