import { EC2Client } from '@aws-sdk/client-ec2'
import { RDSClient } from '@aws-sdk/client-rds'
import { STSClient } from '@aws-sdk/client-sts'
import { runAws, type Signer } from '../aws-command.ts'
import type { Channel, Command, Outcome, Request } from './behaviour.ts'

const clients: Record<Request['service'], new (configuration: Configuration) => Client> = {
  ec2: EC2Client,
  rds: RDSClient,
  sts: STSClient,
}

interface Configuration {
  readonly endpoint: string
  readonly region: string
  readonly credentials: Omit<Signer, 'region'>
  readonly maxAttempts: number
}

interface Client {
  /** Each takes the commands of its own service only, and that is all that the tables ask it with. */
  send(command: Command<unknown>): Promise<unknown>
  destroy(): void
}

export const sdk: Channel = async ({ service, command, signer }, { endpoint }) => {
  const { region, ...credentials } = signer
  const client = new clients[service]({ endpoint, region, credentials, maxAttempts: 1 })
  try {
    return { answer: await client.send(command) }
  } catch (error) {
    return refusalOf(error)
  } finally {
    client.destroy()
  }
}

function refusalOf(error: unknown): Outcome {
  const { Code, name, message, $metadata } = error as {
    Code?: string
    name: string
    message: string
    $metadata?: { httpStatusCode?: number }
  }
  const status = $metadata?.httpStatusCode
  if (status === undefined) throw error
  return { refused: { code: Code ?? name, message, status } }
}

/** The command line refused a parameter by itself, which says nothing of the cloud. */
export class TooOld extends Error {}

/** One request of the command line, with the very input of the SDK. It does not print the status of a refusal. */
export const commandLine: Channel = async ({ service, command, signer }, cloud) => {
  const input = JSON.stringify(command.input)
  const words = [service, wordOf(command), '--cli-input-json', input, '--no-paginate']
  try {
    const { stdout } = await runAws(cloud, words, signer)
    return { answer: stdout === '' ? {} : JSON.parse(stdout) }
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string }
    const told = /An error occurred \((\S+)\) when calling the \w+ operation(?: \([^)]*\))?: ([\s\S]*)/
    const [, code, message = ''] = told.exec(stderr) ?? []
    if (/Unknown parameter in input/.test(stderr))
      throw new TooOld('This command line is older than the request.')
    if (code === undefined) throw error
    return { refused: { code, message: message.trim() } }
  }
}

/** `DescribeDBInstancesCommand` is `describe-db-instances`. */
function wordOf(command: Command<unknown>): string {
  return command.constructor.name
    .replace(/Command$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
}
