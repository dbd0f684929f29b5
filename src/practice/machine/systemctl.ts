/** `systemctl` on a practice instance: hands its words to the supervisor and prints the answer. */
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Reply } from './reply.ts'

const socket = createConnection({ path: join(process.env['FLASKLAB_SOCKETS'] ?? '', 'systemd.sock') })
socket.end(JSON.stringify(process.argv.slice(2)))
const stderr = 'Failed to connect to bus: the practice server is not running.\n'
const nobody: Reply = { code: 1, stdout: '', stderr }
const reply = await text(socket).then(
  (answer) => (answer === '' ? nobody : (JSON.parse(answer) as Reply)),
  () => nobody,
)
process.stdout.write(reply.stdout)
process.stderr.write(reply.stderr)
process.exitCode = reply.code
