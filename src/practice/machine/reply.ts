/** What a program of a practice instance answers. */
export interface Reply {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export function done(stdout = ''): Reply {
  return { code: 0, stdout, stderr: '' }
}

export function fail(stderr: string, code = 1): Reply {
  return { code, stdout: '', stderr }
}
