/** The answers of the Price List API in September 2026, cut to what tells one product from another. */

interface Details {
  readonly unit?: string
  readonly currency?: string
  readonly databaseEngine?: string
  readonly publicationDate?: string
}

/** One element of a `PriceList`: a string of JSON. */
export function product(usagetype: string, price: string, details: Details = {}): string {
  const { unit = 'Hrs', currency = 'USD', databaseEngine, publicationDate = '2026-09-25T17:45:21Z' } = details
  return JSON.stringify({
    product: {
      productFamily: 'Any',
      attributes: { usagetype, regionCode: 'eu-west-1', ...(databaseEngine ? { databaseEngine } : {}) },
      sku: 'DXH6X4VVFUT4EUU5',
    },
    serviceCode: 'Any',
    terms: {
      OnDemand: {
        'DXH6X4VVFUT4EUU5.JRTCKXETXF': {
          priceDimensions: {
            'DXH6X4VVFUT4EUU5.JRTCKXETXF.6YS6EN2CT7': {
              unit,
              endRange: 'Inf',
              description: `$${price} per something`,
              appliesTo: [],
              rateCode: 'DXH6X4VVFUT4EUU5.JRTCKXETXF.6YS6EN2CT7',
              beginRange: '0',
              pricePerUnit: { [currency]: price },
            },
          },
          sku: 'DXH6X4VVFUT4EUU5',
          effectiveDate: '2026-09-01T00:00:00Z',
          offerTermCode: 'JRTCKXETXF',
          termAttributes: {},
        },
      },
      Reserved: {
        'DXH6X4VVFUT4EUU5.38NPMPTW36': {
          priceDimensions: { one: { unit: 'Hrs', beginRange: '0', pricePerUnit: { USD: '0.0045' } } },
        },
      },
    },
    version: '20260925174521',
    publicationDate,
  })
}

const rds = { databaseEngine: 'MySQL', publicationDate: '2026-09-21T18:11:04Z' }
const vpc = { publicationDate: '2026-09-17T19:05:28Z' }

/** Neighbours included: the list's filters let through what merely looks alike. */
const products: Readonly<Record<string, readonly string[]>> = {
  AmazonEC2: [
    product('EU-BoxUsage:t3.micro', '0.0114000000'),
    product('EU-EBS:VolumeUsage.gp3', '0.0880000000', { unit: 'GB-Mo' }),
  ],
  AmazonVPC: [
    product('EU-PublicIPv4:InUseAddress', '0.0050000000', vpc),
    product('EU-PublicIPv4:IdleAddress', '0.0060000000', vpc),
  ],
  AmazonRDS: [
    product('EU-InstanceUsage:db.t3.micro', '0.0180000000', rds),
    product('EU-Multi-AZUsage:db.t3.micro', '0.0360000000', rds),
    product('EU-RDS:GP3-Storage', '0.1270000000', { ...rds, unit: 'GB-Mo' }),
    product('EU-RDS:Multi-AZ-GP3-Storage', '0.2540000000', { ...rds, unit: 'GB-Mo' }),
    // The figure stands for one that is published; nobody has told it yet.
    product('EU-ExtendedSupport:Yr1-Yr2:MySQL8.0', '0.1120000000', { ...rds, unit: 'vCPU-hour' }),
  ],
}

/** The answer to a request for one service's products, by the text that their usage types contain. */
export function priceListFor(request: {
  readonly ServiceCode: string
  readonly Filters: readonly { readonly Type: string; readonly Value: string }[]
}): string[] {
  const part = request.Filters.find(({ Type }) => Type === 'CONTAINS')?.Value ?? ''
  const like = part.split(':')[0] ?? ''
  return (products[request.ServiceCode] ?? []).filter((text) => text.includes(like))
}
