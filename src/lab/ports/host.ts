import type { Duplex } from 'node:stream'
import type { Endpoint, Server } from '../lab.ts'
import type { Secret } from '../secret.ts'

/** Where to dial for an address and port of the cloud. */
export type Reach = (address: string, port: number) => Promise<Endpoint>

export interface ConnectOptions {
  readonly server: Server
  /** Public host keys as `type base64`; the connection is refused when the server shows another. `any`: of a server that nobody has noted the keys of. */
  readonly hostKeys: readonly string[] | 'any'
  /** How long to go on trying while the server does not answer. */
  readonly patienceMs: number
}

export type Connect = (options: ConnectOptions) => Promise<Host>

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A server that we can run commands on. */
export interface Host {
  /** Runs a shell command; a code other than 0 is an answer, not an error. A lost connection is an error. */
  run(
    command: string,
    options?: { readonly stdin?: string | Buffer; readonly timeoutMs?: number },
  ): Promise<Ran>
  /** Runs a command with these files as a gzipped tar archive on its stdin. */
  send(files: readonly ProjectFile[], command: string): Promise<Ran>
  /** Joins the command's streams with ours, or opens a shell where there is none; its exit code. */
  attach(command: string | undefined, options: { readonly terminal: boolean }): Promise<number>
  /** A new connection from the server to somewhere else. */
  tunnel(to: Endpoint, timeoutMs: number): Promise<Duplex>
}

export interface ProjectFile {
  readonly path: string
  readonly content: string | Buffer
}

export interface ProjectSource {
  readonly files: readonly ProjectFile[]
  readonly schema: string
}

interface SqlLogin {
  readonly endpoint: Endpoint
  readonly user: string
  readonly password: Secret
  readonly database: string
}

/** Opens a new connection from the server to the database, over verified TLS. */
export type OpenSql = (host: Host, login: SqlLogin) => Promise<Sql>

export type Rows = readonly Readonly<Record<string, unknown>>[]

export interface Sql {
  query(statement: string, values: readonly unknown[]): Promise<Rows>
  /** Why the database would not execute it, in its words; it is prepared only. */
  refusalOf(statement: string): Promise<string | undefined>
  close(): Promise<void>
}

export interface Page {
  readonly status: number
  readonly text: string
}

/** Asks the site as a browser would; `form` makes it a POST. */
export type Browse = (url: string, form?: URLSearchParams | FormData) => Promise<Page>

/** Whether something is there that says a word: by itself, or after `say`. */
export type Probe = (
  to: Endpoint,
  options: { readonly say?: string; readonly forMs: number },
) => Promise<'answers' | 'refused' | 'silent'>
