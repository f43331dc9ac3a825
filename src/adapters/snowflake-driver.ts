import { createRequire } from 'node:module'
import { problem } from '../diagnostics/problem.ts'
import { WarehouseError } from './warehouse-error.ts'

type Driver = typeof import('snowflake-sdk')

/**
 * Loaded when a target of this type is opened, and quiet: on its own the driver asks addresses of three clouds where it
 * runs, loads a native library that counts installations, reports how connections are set up and writes a log file.
 *
 * @throws {WarehouseError} it is not installed
 */
export function snowflakeDriver(): Driver {
  for (const name of quiet) process.env[name] ??= 'true'
  try {
    const driver: Driver = createRequire(import.meta.url)('snowflake-sdk')
    driver.configure({ logLevel: 'OFF', additionalLogToConsole: false })
    return driver
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND') {
      throw new WarehouseError(problem('PSN4030', { warehouse: 'Snowflake', package: 'snowflake-sdk' }), {
        cause,
      })
    }
    throw cause
  }
}

const quiet = [
  'SNOWFLAKE_DISABLE_PLATFORM_DETECTION',
  'SNOWFLAKE_DISABLE_MINICORE',
  'SF_TELEMETRY_DISABLE_CONNECTION_SHAPE',
  'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED',
]
