import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDisk } from '../../src/practice/machine/disk.ts'
import { createMachines } from '../../src/practice/machine/machines.ts'
import { INSTANCE_MARK, processesWith } from '../../src/practice/processes.ts'
import type { Instance } from '../../src/practice/state.ts'
import { addInstance, type DataPlane, openDataPlane, startOn } from '../support/data-plane.ts'
import { until } from '../support/until.ts'

function openMachine() {
  const plane = openDataPlane()
  const instance = addInstance(plane)
  const machines = createMachines(plane.cloud, plane.places, plane.gateway)
  onTestFinished(() => machines.halt(instance.id))
  return { plane, instance, machines }
}

const processesOf = ({ id }: Instance) => processesWith(INSTANCE_MARK, id)

function startProcess(plane: DataPlane, instance: Instance): void {
  const disk = openDisk(plane.places, instance)
  startOn(
    { ...disk, environment: { ...disk.environment, PATH: process.env['PATH'] ?? '' } },
    'trap "" TERM; sleep 1000',
  )
}

test('the console shows the host key of the first boot, and the disk keeps it', async () => {
  const { plane, instance, machines } = openMachine()
  expect(machines.consoleOutput(instance.id)).toBe('')
  await machines.boot(instance, undefined)
  const shown = machines.consoleOutput(instance.id)
  const [key] = openDisk(plane.places, instance).hostKeys()
  expect(shown).toContain(
    `-----BEGIN SSH HOST KEY KEYS-----\r\n${key?.publicLine}\r\n-----END SSH HOST KEY KEYS-----`,
  )
  await machines.halt(instance.id)
  await machines.boot(instance, undefined)
  expect(machines.consoleOutput(instance.id)).toBe(shown)
})

test('the key pair is put in place at the first boot only: what is there then is the student’s', async () => {
  const { plane, instance, machines } = openMachine()
  const file = join(plane.places.machine(instance.id), 'home/ec2-user/.ssh/authorized_keys')
  await machines.boot(instance, 'ssh-ed25519 AAAA one')
  expect(readFileSync(file, 'utf8')).toBe('ssh-ed25519 AAAA one\n')
  await machines.halt(instance.id)
  writeFileSync(file, '')
  await machines.boot(instance, 'ssh-ed25519 AAAA one')
  expect(readFileSync(file, 'utf8')).toBe('')
})

test('a halted server has no process left, even of those that ignore being asked', async () => {
  const { plane, instance, machines } = openMachine()
  await machines.boot(instance, undefined)
  startProcess(plane, instance)
  await until('it runs', () => processesOf(instance).length > 0)
  await machines.halt(instance.id)
  expect(processesOf(instance)).toEqual([])
  expect(existsSync(plane.places.machine(instance.id))).toBe(true)
})

test('processes of a server that a killed practice cloud left running are ended when it boots', async () => {
  const { plane, instance, machines } = openMachine()
  startProcess(plane, instance)
  await until('it runs', () => processesOf(instance).length > 0)
  await machines.boot(instance, undefined)
  expect(processesOf(instance)).toEqual([])
})

test('a destroyed server leaves no file, no process and no port', async () => {
  const { plane, instance, machines } = openMachine()
  await machines.boot(instance, undefined)
  startProcess(plane, instance)
  await machines.destroy(instance.id)
  expect(processesOf(instance)).toEqual([])
  expect(existsSync(plane.places.machine(instance.id))).toBe(false)
  expect(existsSync(plane.places.sockets(instance.id))).toBe(false)
  expect(plane.cloud.state.ports).toEqual({})
})

test('a boot that fails leaves nothing running, and can be tried again', async () => {
  const { plane, instance, machines } = openMachine()
  const taken = createServer()
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port))
  })
  plane.cloud.state.ports[`${instance.id}:5000`] = port
  await expect(machines.boot(instance, undefined)).rejects.toMatchObject({ code: 'EADDRINUSE', port })
  expect(readdirSync(plane.places.sockets(instance.id))).toEqual([])
  expect(machines.consoleOutput(instance.id)).toBe('')
  await new Promise((resolve) => taken.close(resolve))
  await machines.boot(instance, undefined)
  expect(readdirSync(join(plane.places.sockets(instance.id))).sort()).toEqual(['22.sock', 'systemd.sock'])
})
