import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'snowflake-sdk'
import type { SnowflakeTarget } from '../config/config.ts'
import { problem } from '../diagnostics/problem.ts'
import { WarehouseError } from './warehouse-error.ts'

type Settings = SnowflakeTarget['settings']

/** @throws {WarehouseError} the key file cannot be read */
export function connectionOptions(settings: Settings): ConnectionOptions {
  const { account, username, role, warehouse, database, host, port, protocol } = settings
  return {
    account,
    username,
    ...login(settings),
    ...(role === undefined ? {} : { role }),
    warehouse,
    database,
    ...(host === undefined ? {} : { accessUrl: addressOf(settings) }),
    ...(host === undefined && (port !== undefined || protocol !== undefined) ? { port, protocol } : {}),
    application: 'personas',
    clientSessionKeepAlive: settings.client_session_keep_alive ?? false,
    // A NULL would come as the text "NULL" wherever a type is fetched as text.
    representNullAsStringNull: false,
    jsTreatIntegerAsBigInt: true,
    rowMode: 'array',
    sfRetryMaxLoginRetries: 1,
    // More values than these would be sent by way of a file on a stage.
    arrayBindingThreshold: 100_000,
  }
}

/** Where the account answers, for messages too. */
export function addressOf({ account, host, port, protocol }: Settings): string {
  const name = host ?? `${account}.snowflakecomputing.com`
  return `${protocol ?? 'https'}://${name}${port === undefined ? '' : `:${port}`}`
}

function login(settings: Settings): ConnectionOptions {
  if (settings.token !== undefined) {
    const { token, authenticator = 'programmatic_access_token' } = settings
    return { token, authenticator: authenticator.toUpperCase() }
  }
  const key = settings.private_key ?? keyIn(settings.private_key_path)
  if (key !== undefined) {
    const passphrase = settings.private_key_passphrase
    return {
      authenticator: 'SNOWFLAKE_JWT',
      privateKey: pem(key),
      ...(passphrase === undefined ? {} : { privateKeyPass: passphrase }),
    }
  }
  return settings.password === undefined ? {} : { password: settings.password }
}

function keyIn(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new WarehouseError(problem('PSN4054', { reason: `${path} cannot be read (${reason})` }), { cause })
  }
}

/** A key from an environment variable may have its line breaks written as `\n`, or be the bare base64. */
function pem(key: string): string {
  const text = key.replaceAll('\\n', '\n').trim()
  return text.startsWith('-----')
    ? `${text}\n`
    : `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----\n`
}
