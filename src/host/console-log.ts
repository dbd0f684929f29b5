/**
 * The SSH host keys that cloud-init prints on the serial console at the end of the first boot, as
 * `type base64`; empty until its end mark is there. Kernel lines may stand between them, and only the first
 * block counts: whoever is root on the server could print another one later.
 */
export function hostKeysIn(consoleOutput: string): string[] {
  const block = /-----BEGIN SSH HOST KEY KEYS-----(.*?)-----END SSH HOST KEY KEYS-----/s.exec(
    consoleOutput.replaceAll('\r', ''),
  )?.[1]
  const lines = block?.match(/(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/]+={0,2}/g) ?? []
  return lines.filter(isWhole)
}

/** A key's blob begins with its own type; one that another line cut in half mostly does not decode to that. */
function isWhole(line: string): boolean {
  const [type = '', base64 = ''] = line.split(' ')
  const blob = Buffer.from(base64, 'base64')
  if (blob.toString('base64') !== base64) return false
  if (blob.length < 4 + type.length || blob.subarray(4, 4 + type.length).toString('latin1') !== type)
    return false
  let at = 0
  let fields = 0
  for (; at + 4 <= blob.length; fields++) at += 4 + blob.readUInt32BE(at)
  return at === blob.length && fields === (type === 'ssh-ed25519' ? 2 : 3)
}
