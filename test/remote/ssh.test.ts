import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createKeys } from '../../src/remote/keys.ts'
import { createConnect } from '../../src/remote/ssh.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { keepRecord } from '../../src/store/record-keeper.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { fakeIo } from '../support/fake-io.ts'
import { tempFolder } from '../support/temp-folder.ts'

test('a server on which nobody listens yet is told from one whose packets are dropped', async () => {
  using folder = tempFolder()
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  await new Promise((resolve) => listener.close(resolve))
  const keyFile = join(folder.path, 'key.pem')
  await createKeys(keyFile, 'test').publicKey()
  const record = keepRecord(folder.path, newRecord('lab', 'aws', 'us-east-1', undefined), { keyFile })
  const { connect } = createConnect({
    record,
    io: fakeIo(),
    clock: fakeClock(),
    tell: () => {},
    reach: async () => ({ host: '127.0.0.1', port }),
  })
  const server = { id: 'i-1', address: '203.0.113.99', vpcId: 'vpc-1', groupIds: [] }
  await expect(connect({ server, hostKeys: 'any', patienceMs: 1 })).rejects.toMatchObject({
    code: 'no-answer',
    finding: {
      what: expect.stringContaining('The server i-1 refuses SSH at 203.0.113.99'),
      why: expect.stringContaining('nobody listens on port 22'),
    },
  })
})
