/** What Snowflake answers to a statement it does not run: its code, SQL state and text. */
export class SnowflakeError extends Error {
  override readonly name = 'SnowflakeError'
  readonly code: string
  readonly sqlState: string

  constructor(code: string, sqlState: string, message: string) {
    super(message)
    this.code = code
    this.sqlState = sqlState
  }
}

function compilation(code: string, sqlState: string, text: string): SnowflakeError {
  return new SnowflakeError(code, sqlState, `SQL compilation error:\n${text}`)
}

export const syntaxError = (line: number, position: number, unexpected: string): SnowflakeError =>
  compilation(
    '001003',
    '42000',
    `syntax error line ${line} at position ${position} unexpected '${unexpected}'.`,
  )

export const invalidIdentifier = (name: string): SnowflakeError =>
  compilation('000904', '42000', `error line 1 at position 0\ninvalid identifier '${name}'`)

export const ambiguousColumn = (name: string): SnowflakeError =>
  compilation('002028', '42601', `ambiguous column name '${name}'`)

export const missingObject = (kind: string, name: string): SnowflakeError =>
  compilation('002003', '42S02', `${kind} '${name}' does not exist or not authorized.`)

export const missingContainer = (kind: string, name: string): SnowflakeError =>
  compilation(
    '002043',
    '02000',
    `Object does not exist, or operation cannot be performed: ${kind} '${name}'.`,
  )

export const objectExists = (name: string): SnowflakeError =>
  compilation('002002', '42710', `Object '${name}' already exists.`)

export const unknownFunction = (name: string): SnowflakeError =>
  compilation('002140', '42601', `Unknown function ${name}`)

export const wrongArguments = (name: string, types: readonly string[]): SnowflakeError =>
  compilation(
    '001044',
    '42P13',
    `error line 1 at position 0\nInvalid argument types for function '${name}': (${types.join(', ')})`,
  )

export const wrongArgumentCount = (name: string, expected: string, got: number): SnowflakeError =>
  compilation(
    '000938',
    '22023',
    `not enough or too many arguments for function [${name}], expected ${expected}, got ${got}`,
  )

export const notGrouped = (name: string): SnowflakeError =>
  compilation('000979', '42601', `[${name}] is not a valid group by expression`)

export const invalidDatePart = (part: string): SnowflakeError =>
  compilation('001006', '22023', `'${part}' is not a valid date/time component.`)

/**
 * Snowflake may well run this, but nobody here has modelled it from its documentation: the emulator refuses rather than
 * guesses. The code is Snowflake's for features it does not have.
 */
export const notModelled = (what: string): SnowflakeError =>
  new SnowflakeError(
    '000002',
    '0A000',
    `Unsupported feature '${what}' (not modelled by the simulated Snowflake).`,
  )

export const unsupportedSubquery = (why: string): SnowflakeError =>
  compilation('002031', '42601', `Unsupported subquery type cannot be evaluated (${why})`)

export const insufficientPrivileges = (what: string): SnowflakeError =>
  new SnowflakeError(
    '003001',
    '42501',
    `SQL access control error:\nInsufficient privileges to operate on ${what}.`,
  )

export const noWarehouse = (): SnowflakeError =>
  new SnowflakeError(
    '000606',
    '57P03',
    "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
  )

export const noDatabase = (): SnowflakeError =>
  new SnowflakeError(
    '090105',
    '22000',
    "Cannot perform operation. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.",
  )

export const lockTimeout = (): SnowflakeError =>
  new SnowflakeError(
    '000625',
    '57014',
    'Statement was aborted because it waited for a lock longer than LOCK_TIMEOUT; another transaction has locked the table.',
  )

export const cancelled = (): SnowflakeError => new SnowflakeError('000604', '57014', 'SQL execution canceled')
