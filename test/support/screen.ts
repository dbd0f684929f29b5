import { Writable } from 'node:stream'
import type { Output } from '../../src/lab/io.ts'

/** A stream that takes down what is written; with `columns`, one that poses as a terminal of that width. */
export function screen(columns?: number): { readonly stream: Output; written(): string } {
  let written = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written += chunk
      done()
    },
  })
  const terminal = columns === undefined ? {} : { isTTY: true, columns }
  const cursor = { clearLine: () => true, cursorTo: () => true, moveCursor: () => true }
  // The reporter uses no more of a terminal than this.
  return {
    stream: Object.assign(stream, cursor, terminal),
    written: () => written,
  }
}
