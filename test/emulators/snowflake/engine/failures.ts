import { withoutMarks } from '../binder/names.ts'
import { cancelled, notGrouped, SnowflakeError } from '../errors.ts'

/** A failure as a text that {@link failureOf} reads back out of what DuckDB makes of it. */
export function withFailure(error: unknown): string {
  if (error instanceof SnowflakeError) return `SF|${error.code}|${error.sqlState}|${error.message}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** What DuckDB said, as Snowflake would have said it; anything unforeseen is an internal error that quotes it. */
export function failureOf(error: unknown): SnowflakeError {
  if (error instanceof SnowflakeError) return error
  const message = withoutMarks(error instanceof Error ? error.message : String(error))
  const raised = /SF\|(\d{6})\|(\w{5})\|([\s\S]*)/.exec(message)
  if (raised !== null) {
    const [, code = '', state = '', text = ''] = raised
    return new SnowflakeError(code, state, text)
  }
  if (message.includes('Interrupted')) return cancelled()
  const ungrouped = /column "([^"]*)" must appear in the GROUP BY/.exec(message)
  if (ungrouped !== null) return notGrouped(ungrouped[1] ?? '')
  if (message.includes('More than one row returned by a subquery')) {
    return new SnowflakeError('090150', '22000', 'Single-row subquery returns more than one row.')
  }
  if (message.includes('NOT NULL constraint failed')) {
    return new SnowflakeError(
      '100072',
      '22000',
      `NULL result in a non-nullable column (${message.split(': ').at(-1)})`,
    )
  }
  if (
    /out of range|Overflow|overflow|Could not cast value|can't be cast because the value is out of range/.test(
      message,
    )
  ) {
    return new SnowflakeError('100046', '22003', 'Number out of representable range')
  }
  return new SnowflakeError(
    '000603',
    'XX000',
    `SQL execution internal error:\nthe simulated Snowflake's engine said: ${message}`,
  )
}
