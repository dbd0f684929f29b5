import type { Filter } from '@aws-sdk/client-pricing'
import { handout } from '../lab/lab.ts'
import { type Meter, type Price, type Prices, unitOf } from '../lab/prices.ts'
import { type ApiConfig, explainRefusals, FIRST } from './clients.ts'
import { explained } from './error-codes.ts'
import { PricingClient, paginateGetProducts } from './sdk.ts'

/** One of the three places where the price list can be asked; each answers for all regions. */
const PRICE_LIST_REGION = 'us-east-1'

/** How the list is asked for one price. */
interface Question {
  readonly meter: Meter
  readonly service: 'AmazonEC2' | 'AmazonRDS' | 'AmazonVPC'
  readonly where: Readonly<Record<string, string>>
  /** The end of the usage type: the filters let neighbours through, such as addresses that are not in use. */
  readonly usage: string
}

const { serverType, diskType, databaseClass, otherDatabaseClass, databaseDiskType } = handout

/** All that a lab can have, with what is taken where the first choice is not to be had. */
const QUESTIONS: readonly Question[] = [
  {
    meter: `server:${serverType}`,
    service: 'AmazonEC2',
    where: {
      instanceType: serverType,
      operatingSystem: 'Linux',
      tenancy: 'Shared',
      preInstalledSw: 'NA',
      capacitystatus: 'Used',
    },
    usage: `BoxUsage:${serverType}`,
  },
  {
    meter: 'address',
    service: 'AmazonVPC',
    where: { group: 'VPCPublicIPv4Address' },
    usage: 'PublicIPv4:InUseAddress',
  },
  {
    meter: `disk:${diskType}`,
    service: 'AmazonEC2',
    where: { productFamily: 'Storage', volumeApiName: diskType },
    usage: `EBS:VolumeUsage.${diskType}`,
  },
  database(databaseClass),
  database(otherDatabaseClass),
  databaseDisk(databaseDiskType, 'General Purpose-GP3'),
  databaseDisk('gp2', 'General Purpose'),
  {
    meter: 'extended-support:8.0',
    service: 'AmazonRDS',
    where: { databaseEngine: 'MySQL' },
    usage: 'ExtendedSupport:Yr1-Yr2:MySQL8.0',
  },
]

function database(instanceType: string): Question {
  return {
    meter: `database:${instanceType}`,
    service: 'AmazonRDS',
    where: {
      productFamily: 'Database Instance',
      instanceType,
      databaseEngine: 'MySQL',
      deploymentOption: 'Single-AZ',
    },
    usage: `InstanceUsage:${instanceType}`,
  }
}

function databaseDisk(type: string, volumeType: string): Question {
  return {
    meter: `database-disk:${type}`,
    service: 'AmazonRDS',
    where: { productFamily: 'Database Storage', volumeType, deploymentOption: 'Single-AZ' },
    usage: `RDS:${type.toUpperCase()}-Storage`,
  }
}

/** Today's prices of a region, asked of AWS. Whatever goes wrong is a finding. */
export async function askPrices(config: ApiConfig, region: string): Promise<Prices> {
  const client = new PricingClient({ ...config, region: PRICE_LIST_REGION, maxAttempts: 5 })
  const explain = (error: unknown, request = '') => explained(error, { region: PRICE_LIST_REGION, request })
  client.middlewareStack.add(explainRefusals('pricing', explain), FIRST)
  try {
    const found = await Promise.all(
      QUESTIONS.map(async (question) => {
        const products = await ask(client, question, region)
        return [question.meter, priceIn(products, question)] as const
      }),
    )
    const prices = new Map(found)
    return { region, live: true, of: (meter) => prices.get(meter) }
  } finally {
    client.destroy()
  }
}

async function ask(
  client: PricingClient,
  { service, where, usage }: Question,
  region: string,
): Promise<unknown[]> {
  const match = (Field: string, Value: string): Filter => ({ Type: 'TERM_MATCH', Field, Value })
  const Filters: Filter[] = [
    match('regionCode', region),
    ...Object.entries(where).map(([field, value]) => match(field, value)),
    { Type: 'CONTAINS', Field: 'usagetype', Value: usage },
  ]
  const input = { ServiceCode: service, FormatVersion: 'aws_v1', Filters }
  const all: unknown[] = []
  for await (const { PriceList = [] } of paginateGetProducts({ client }, input)) {
    // The SDK's type leaves open what the list is made of; its strings are JSON.
    for (const text of PriceList) all.push(parse(String(text)))
  }
  return all
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A product of the list, as far as it is read; any of it may be missing. */
interface Product {
  readonly product?: { readonly attributes?: Readonly<Record<string, string>> }
  readonly terms?: { readonly OnDemand?: Readonly<Record<string, Offer>> }
  readonly publicationDate?: string
}

interface Offer {
  readonly priceDimensions?: Readonly<Record<string, Dimension>>
}

interface Dimension {
  readonly unit?: string
  readonly beginRange?: string
  readonly pricePerUnit?: { readonly USD?: string }
}

const UNITS = { hour: 'hrs', 'GB-month': 'gb-mo', 'vCPU-hour': 'vcpu-hour' } as const

/** The one price that the products agree on. Several, or none, is unknown: a price is not chosen by chance. */
function priceIn(products: readonly unknown[], { meter, usage }: Question): Price | undefined {
  const unit = UNITS[unitOf(meter)]
  // Checked field by field below.
  const ours = (products as readonly (Product | undefined)[]).filter((each) => isUsage(each, usage))
  const found = ours.flatMap((each) =>
    Object.values(each?.terms?.OnDemand ?? {})
      .flatMap((offer) => Object.values(offer.priceDimensions ?? {}))
      .filter((one) => one.unit?.toLowerCase().startsWith(unit) && (one.beginRange ?? '0') === '0')
      .map((one) => ({
        usd: Number(one.pricePerUnit?.USD),
        asOf: each?.publicationDate?.slice(0, 10) ?? '',
      })),
  )
  const amounts = new Set(found.map(({ usd }) => usd))
  const [first] = found
  return amounts.size === 1 && first !== undefined && first.usd > 0 ? first : undefined
}

/** `EU-BoxUsage:t3.micro` is `BoxUsage:t3.micro` in Ireland; `UnusedBox:…` is something else, and so is Multi-AZ. */
function isUsage(product: Product | undefined, usage: string): boolean {
  const { usagetype = '', databaseEngine = 'MySQL' } = product?.product?.attributes ?? {}
  const isForMySql = databaseEngine === 'MySQL' || databaseEngine === 'Any'
  return isForMySql && (usagetype === usage || usagetype.replace(/^[A-Z0-9]+-/, '') === usage)
}
