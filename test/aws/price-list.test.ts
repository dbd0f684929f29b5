import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { askPrices } from '../../src/aws/price-list.ts'
import { LabError } from '../../src/lab/finding.ts'
import { priceListFor, product } from './recorded-prices.ts'

interface Asked {
  readonly target: string
  readonly region: string
  readonly body: {
    readonly ServiceCode: string
    readonly Filters: readonly { readonly Type: string; readonly Field: string; readonly Value: string }[]
    readonly NextToken?: string
  }
}

type Answer = { readonly status?: number; readonly body: unknown }

/** A server that answers as the Price List API does, over HTTP. */
async function openPriceList(answer: (asked: Asked) => Answer) {
  const asked: Asked[] = []
  const server = createServer(async (incoming, response) => {
    const request = await read(incoming)
    asked.push(request)
    const { status = 200, body } = answer(request)
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It has no port.')
  return {
    asked,
    config: {
      region: 'eu-west-1',
      endpoint: `http://127.0.0.1:${address.port}`,
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function read(incoming: IncomingMessage): Promise<Asked> {
  const { authorization = '', 'x-amz-target': target = '' } = incoming.headers
  const [, region = ''] = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(authorization) ?? []
  return { target: String(target), region, body: (await json(incoming)) as Asked['body'] }
}

test('asks for the lab’s region in one of the list’s own, and reads each price', async () => {
  await using list = await openPriceList(({ body }) => ({ body: { PriceList: priceListFor(body) } }))
  const prices = await askPrices(list.config, 'eu-west-1')
  expect(prices).toMatchObject({ region: 'eu-west-1', live: true })
  expect(prices.of('server:t3.micro')).toEqual({ usd: 0.0114, asOf: '2026-09-25' })
  expect(prices.of('address')).toEqual({ usd: 0.005, asOf: '2026-09-17' })
  expect(prices.of('disk:gp3')).toEqual({ usd: 0.088, asOf: '2026-09-25' })
  expect(prices.of('database:db.t3.micro')).toEqual({ usd: 0.018, asOf: '2026-09-21' })
  expect(prices.of('database-disk:gp3')).toEqual({ usd: 0.127, asOf: '2026-09-21' })
  expect(prices.of('extended-support:8.0')).toEqual({ usd: 0.112, asOf: '2026-09-21' })
  expect(new Set(list.asked.map(({ region }) => region))).toEqual(new Set(['us-east-1']))
  expect(new Set(list.asked.map(({ target }) => target))).toEqual(
    new Set(['AWSPriceListService.GetProducts']),
  )
  const regions = list.asked.map(
    ({ body }) => body.Filters.find(({ Field }) => Field === 'regionCode')?.Value,
  )
  expect(new Set(regions)).toEqual(new Set(['eu-west-1']))
})

test('follows the list from page to page', async () => {
  await using list = await openPriceList(({ body }) => ({
    body: body.NextToken ? { PriceList: priceListFor(body) } : { PriceList: [], NextToken: 'more' },
  }))
  expect((await askPrices(list.config, 'eu-west-1')).of('disk:gp3')?.usd).toBe(0.088)
})

test.each<[string, string[]]>([
  ['is not in the list', []],
  ['has two different prices', [product('BoxUsage:t3.micro', '0.01'), product('BoxUsage:t3.micro', '0.02')]],
  ['is 0, as of a reserved one', [product('BoxUsage:t3.micro', '0.0000000000')]],
  ['is for another unit', [product('BoxUsage:t3.micro', '0.01', { unit: 'Quantity' })]],
  [
    'belongs to a neighbour',
    [product('UnusedBox:t3.micro', '0.01'), product('EU-BoxUsage:t3.micro.x', '0.01')],
  ],
  ['is in another currency', [product('BoxUsage:t3.micro', '0.01', { currency: 'CNY' })]],
  ['stands in an answer that is no JSON', ['{"product":']],
])('a price that %s is unknown', async (_why, PriceList) => {
  await using list = await openPriceList(() => ({ body: { PriceList } }))
  expect((await askPrices(list.config, 'us-east-1')).of('server:t3.micro')).toBeUndefined()
})

test('the same price twice is one price', async () => {
  const twice = [product('BoxUsage:t3.micro', '0.0104'), product('BoxUsage:t3.micro', '0.0104')]
  await using list = await openPriceList(() => ({ body: { PriceList: twice } }))
  expect((await askPrices(list.config, 'us-east-1')).of('server:t3.micro')?.usd).toBe(0.0104)
})

test('the price of another engine’s database is not taken for MySQL’s', async () => {
  const disks = [
    product('RDS:GP3-Storage', '0.2', { unit: 'GB-Mo', databaseEngine: 'Oracle' }),
    product('RDS:GP3-Storage', '0.115', { unit: 'GB-Mo', databaseEngine: 'MySQL' }),
  ]
  await using list = await openPriceList(() => ({ body: { PriceList: disks } }))
  expect((await askPrices(list.config, 'us-east-1')).of('database-disk:gp3')?.usd).toBe(0.115)
})

test.each([
  [
    'AccessDeniedException',
    'User: arn:aws:iam::111122223333:user/ada is not authorized to perform: pricing:GetProducts because no identity-based policy allows the pricing:GetProducts action',
    'These credentials may not do pricing:GetProducts.',
  ],
  [
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
    'AWS does not accept these credentials.',
  ],
  [
    'ExpiredTokenException',
    'The security token included in the request is expired',
    'The AWS session has expired.',
  ],
])('a refusal with %s is a finding', async (__type, message, what) => {
  await using list = await openPriceList(() => ({ status: 400, body: { __type, message } }))
  const error = await askPrices(list.config, 'us-east-1').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(LabError)
  expect((error as LabError).finding.what).toBe(what)
})

test('nobody there is a finding', async () => {
  const list = await openPriceList(() => ({ body: {} }))
  await list[Symbol.asyncDispose]()
  await expect(askPrices(list.config, 'us-east-1')).rejects.toThrow('The connection to AWS failed.')
})
