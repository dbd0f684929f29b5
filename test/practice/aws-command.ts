import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { key, type TestCloud } from './support.ts'

const run = promisify(execFile)

export const hasAws = isInstalled()

function isInstalled(): boolean {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export interface Signer {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

export const practiceSigner: Signer = { ...key, region: 'us-east-1' }

/**
 * Runs the plain `aws` command line, whose parser is stricter than the SDK's. Version 1 of it passes over
 * AWS_ENDPOINT_URL for RDS in us-east-1, so the endpoint is an argument.
 */
export function runAws(
  cloud: TestCloud,
  words: readonly string[],
  signer: Signer = practiceSigner,
): Promise<{ stdout: string; stderr: string }> {
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    AWS_REGION: signer.region,
    AWS_DEFAULT_REGION: signer.region,
    AWS_ACCESS_KEY_ID: signer.accessKeyId,
    AWS_SECRET_ACCESS_KEY: signer.secretAccessKey,
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  }
  return run('aws', [...words, '--output', 'json', '--endpoint-url', cloud.endpoint], { env })
}
