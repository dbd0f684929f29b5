/** The exit code and output of a program on a practice instance. */
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
