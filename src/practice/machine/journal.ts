import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { appendLine } from '../append-line.ts'
import type { Disk } from './disk.ts'

/** The output of an instance's services, one file each. */
export interface Journal {
  write(service: string, line: string): void
  read(service: string): readonly string[]
  /** Keeps what a program of the service prints. */
  record(service: string, program: string, pid: number | undefined, stream: Readable | null): void
}

export function openJournal({ journal, hostName }: Disk): Journal {
  const fileOf = (service: string) => join(journal, `${service.replace(/\.service$/, '')}.log`)
  const write: Journal['write'] = (service, line) => {
    const stamp = new Date().toISOString().slice(0, 19).replace('T', ' ')
    appendLine(fileOf(service), `${stamp} ${hostName} ${line}`)
  }
  return {
    write,
    read(service) {
      const file = fileOf(service)
      return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
    },
    record(service, program, pid, stream) {
      if (stream === null) return
      createInterface({ input: stream }).on('line', (line) =>
        write(service, `${basename(program)}[${pid}]: ${line}`),
      )
    },
  }
}
