import { randomInt } from 'node:crypto'
import { inspect } from 'node:util'

/** A password that shows dots however it is printed; `reveal()` is the one way to its text. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return '••••'
  }

  toJSON(): string {
    return '••••'
  }

  [inspect.custom](): string {
    return '••••'
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * 32 letters and digits: within RDS's rules, and read alike by the four readers that disagree about everything
 * else (MariaDB's option files, systemd's environment files, shells and SQL).
 */
export function newPassword(): Secret {
  return new Secret(Array.from({ length: 32 }, () => LETTERS[randomInt(LETTERS.length)]).join(''))
}
