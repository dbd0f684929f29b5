import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writtenFinding } from '../../src/lab/command-text.ts'
import { freshRegion } from '../../src/practice/ec2/default-network.ts'
import { placesIn } from '../../src/practice/paths.ts'
import { claimService, newService, readService } from '../../src/practice/service-file.ts'
import type { CloudState } from '../../src/practice/state.ts'
import { readState, writeState } from '../../src/practice/state-file.ts'
import type { PracticeTrouble } from '../../src/practice/trouble.ts'
import { findingOf } from '../../src/world/practice-findings.ts'
import { tempFolder } from '../support/temp-folder.ts'

const service = newService(23_456)
const region = freshRegion('us-west-2')
const cloud: CloudState = {
  version: 1,
  account: '123456789012',
  laptopAddress: '203.0.113.7',
  regions: { 'us-west-2': region },
  ports: { 'i-1:22': 23_457 },
}

const changed = (whole: object, change: object) => JSON.stringify({ ...whole, ...change })
const withRegion = (change: object) => changed(cloud, { regions: { 'us-west-2': { ...region, ...change } } })

/** Reads a file with this text, or a folder in its place. */
function read(name: string, text: string | undefined) {
  using folder = tempFolder()
  const places = placesIn(folder.path)
  const file = join(places.root, name)
  if (text === undefined) mkdirSync(file)
  else writeFileSync(file, text)
  try {
    return { value: name === 'service.json' ? readService(places.serviceFile) : readState(places) }
  } catch (error) {
    return { finding: writtenFinding(findingOf((error as PracticeTrouble).trouble)), file }
  } finally {
    expect(text === undefined ? readdirSync(file) : readFileSync(file, 'utf8')).toEqual(text ?? [])
  }
}

test('a written file is read again', () => {
  using folder = tempFolder()
  const places = placesIn(folder.path)
  expect(readService(places.serviceFile)).toBeUndefined()
  claimService(places, service)
  expect(readService(places.serviceFile)).toEqual(service)
  writeState(places, cloud)
  expect(readState(places)).toEqual(cloud)
})

test.each([
  ['service.json', 'nothing', '', 'It is not JSON.'],
  ['service.json', 'half of it', JSON.stringify(service).slice(0, 40), 'It is not JSON.'],
  ['service.json', 'a list', '[]', 'It is not a JSON object.'],
  ['service.json', 'null', 'null', 'It is not a JSON object.'],
  ['service.json', 'no version', changed(service, { version: undefined }), 'it has no version'],
  ['service.json', 'its port as text', changed(service, { port: '23456' }), 'its port is not a number'],
  ['service.json', 'port 70000', changed(service, { port: 70_000 }), 'its port is not a number'],
  ['service.json', 'another key', changed(service, { accessKeyId: 'AKIA1' }), 'its access key id is none'],
  ['service.json', 'no secret', changed(service, { secretAccessKey: null }), 'its secret access key is none'],
  ['service.json', 'no control secret', changed(service, { controlSecret: 1 }), 'its control secret is none'],
  ['service.json', 'a folder in its place', undefined, 'It can’t be read: Error: EISDIR'],
  ['cloud.json', 'nothing', '', 'It is not JSON.'],
  ['cloud.json', 'a clock as text', changed(cloud, { laptopClockMs: '1' }), 'its laptopClockMs is not'],
  ['cloud.json', 'an account as a number', changed(cloud, { account: 1 }), 'its account is not'],
  [
    'cloud.json',
    'no address',
    changed(cloud, { laptopAddress: 'here' }),
    'its laptopAddress is not an address',
  ],
  [
    'cloud.json',
    'a port of 0',
    changed(cloud, { ports: { 'i-1:22': 0 } }),
    'its ports are not all port numbers',
  ],
  ['cloud.json', 'no regions', changed(cloud, { regions: [] }), 'its regions are not an object'],
  [
    'cloud.json',
    'a count as text',
    changed(cloud, { publicAddressesGiven: '1' }),
    'its publicAddressesGiven',
  ],
  ['cloud.json', 'no list of instances', withRegion({ instances: {} }), 'has no proper list of instances'],
  ['cloud.json', 'a nameless database', withRegion({ databases: [{}] }), 'has no proper list of databases'],
  ['cloud.json', 'a folder in its place', undefined, 'It can’t be read: Error: EISDIR'],
])('%s with %s is told of and left as it is', (name, _, text, why) => {
  const { finding, file } = read(name, text)
  expect(finding?.what).toMatch(/^The practice cloud can’t use the file with /)
  expect(finding?.why).toContain(why)
  expect(finding?.remedy.run).toEqual(['flasklab practice stop', `mv ${file} ${file}.damaged`])
})

test.each(['service.json', 'cloud.json'])('%s of a newer flasklab is left to it', (name) => {
  const { finding, file } = read(name, '{"version": 2}')
  expect(finding?.what).toBe(`The practice cloud of this folder is of a newer flasklab: ${file}.`)
})
