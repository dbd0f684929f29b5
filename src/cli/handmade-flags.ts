import { databaseName, existingFile, instanceId } from './argument-parsers.ts'
import type { Flag } from './command.ts'
import { type Given, textOf } from './given.ts'

export const WHICH_SERVER: Flag = {
  flag: '--instance <id>',
  about: 'which server, of a lab made by hand',
  parse: instanceId,
}
export const WHICH_DATABASE: Flag = {
  flag: '--db <name>',
  about: 'which database, of a lab made by hand',
  parse: databaseName,
}
export const WHICH_KEY: Flag = {
  flag: '--key <file>',
  about: 'the private key of a server made by hand',
  parse: existingFile,
}

/** Any of its flags means a lab that was made by hand. */
export function handmadeLab(given: Given) {
  if (['adopt', 'instance', 'db', 'key'].every((name) => given[name] === undefined)) return undefined
  return {
    instance: textOf(given, 'instance'),
    database: textOf(given, 'db'),
    keyFile: textOf(given, 'key'),
  }
}
