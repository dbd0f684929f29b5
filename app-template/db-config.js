// The handout's db_config.py: where the database is and who logs in to it, from the environment only.
import { readFileSync } from 'node:fs'

export function dbConfig(env) {
  return {
    host: required(env, 'RDS_HOST'),
    port: numberFrom(env, 'RDS_PORT', 3306),
    user: notMaster(required(env, 'RDS_USER')),
    password: required(env, 'RDS_PASSWORD'),
    database: required(env, 'RDS_DB'),
    ssl: { ca: certificates(required(env, 'RDS_CA')), verifyIdentity: true },
  }
}

export function numberFrom(env, name, fallback) {
  const value = Number(env[name] || fallback)
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value
  throw new Error(`${name} is "${env[name]}", which is not a port number.`)
}

function required(env, name) {
  if (env[name]) return env[name]
  throw new Error(`the environment variable ${name} is missing.`)
}

// A master user may drop the database. An app that is broken into should not be able to.
function notMaster(user) {
  if (!['admin', 'root', 'rdsadmin'].includes(user)) return user
  throw new Error(`RDS_USER is ${user}, the master user. Give the app a user of its own, such as flaskapp.`)
}

// Without the authority's certificates nobody could tell the database from an impostor, so they are required.
function certificates(file) {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`the file named by RDS_CA, ${file}, can't be read (${error.code}).`)
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new Error(`the file named by RDS_CA, ${file}, holds no certificate.`)
}
