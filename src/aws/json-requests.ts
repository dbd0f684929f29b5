import { json } from 'node:stream/consumers'
import type { Clients } from './clients.ts'
import { HttpRequest, Sha256, SignatureV4 } from './sdk.ts'

/** One request each of services that speak JSON: too little for a client of their own. */
export const JSON_REQUESTS = {
  'servicequotas:GetServiceQuota': {
    target: 'ServiceQuotasV20190624.GetServiceQuota',
    host: (region: string) => `servicequotas.${region}.amazonaws.com`,
  },
  'freetier:GetAccountPlanState': {
    target: 'AWSFreeTierService.GetAccountPlanState',
    host: (region: string) => `freetier.${region}.api.aws`,
  },
} as const

type Name = keyof typeof JSON_REQUESTS

const ANSWER_MS = 4_000

/** The answer; undefined where these credentials may not ask, or nobody answers: the lab can do without. */
export async function askJson(
  { endpoint, home }: Clients,
  name: Name,
  region: string,
  input: Readonly<Record<string, string>>,
): Promise<unknown> {
  const { target, host } = JSON_REQUESTS[name]
  const { protocol, hostname, port, host: address } = new URL(endpoint ?? `https://${host(region)}`)
  const [service = ''] = name.split(':')
  const { credentials, systemClockOffset, requestHandler } = home.sts.config
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 })
  const request = new HttpRequest({
    method: 'POST',
    protocol,
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    headers: { host: address, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: JSON.stringify(input),
  })
  try {
    const signingDate = new Date(Date.now() + systemClockOffset)
    const signed = await signer.sign(request, { signingDate })
    const { response } = await requestHandler.handle(signed, { requestTimeout: ANSWER_MS })
    return response.statusCode === 200 ? await json(response.body) : undefined
  } catch {
    return undefined
  }
}
