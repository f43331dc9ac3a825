import { notModelled, SnowflakeError } from '../errors.ts'

/** What the twins take for granted. */
const fixedParameters: Readonly<Record<string, string>> = {
  TIMEZONE: 'UTC',
  WEEK_OF_YEAR_POLICY: '0',
  TIMESTAMP_TYPE_MAPPING: 'TIMESTAMP_NTZ',
  TIMESTAMP_INPUT_FORMAT: 'AUTO',
  DATE_INPUT_FORMAT: 'AUTO',
  AUTOCOMMIT: 'TRUE',
  QUOTED_IDENTIFIERS_IGNORE_CASE: 'FALSE',
  TRANSACTION_ABORT_ON_ERROR: 'FALSE',
  DEFAULT_NULL_ORDERING: 'LAST',
  ERROR_ON_NONDETERMINISTIC_MERGE: 'TRUE',
  ERROR_ON_NONDETERMINISTIC_UPDATE: 'TRUE',
}
const freeParameters = new Set(
  'QUERY_TAG WEEK_START JSON_INDENT STRICT_JSON_OUTPUT STATEMENT_TIMEOUT_IN_SECONDS STATEMENT_QUEUED_TIMEOUT_IN_SECONDS LOCK_TIMEOUT MULTI_STATEMENT_COUNT CLIENT_SESSION_KEEP_ALIVE USE_CACHED_RESULT CLIENT_RESULT_CHUNK_SIZE JS_TREAT_INTEGER_AS_BIGINT TIMESTAMP_OUTPUT_FORMAT TIMESTAMP_NTZ_OUTPUT_FORMAT CLIENT_PREFETCH_THREADS CLIENT_TELEMETRY_ENABLED ABORT_DETACHED_QUERY'.split(
    ' ',
  ),
)

export function checkParameter(name: string, value: string): void {
  const fixed = fixedParameters[name]
  // 0 and 1 both begin a week on Monday; they differ in how its days are numbered.
  if (name === 'WEEK_START' && !/^[01]$/.test(value)) throw notModelled(`the parameter ${name} = ${value}`)
  if (fixed !== undefined) {
    if (value.toUpperCase() !== fixed) throw notModelled(`the parameter ${name} = ${value}`)
  } else if (!freeParameters.has(name)) {
    throw new SnowflakeError(
      '001003',
      '42000',
      `SQL compilation error:\ninvalid parameter '${name}' (or one that the simulated Snowflake does not know)`,
    )
  }
}
