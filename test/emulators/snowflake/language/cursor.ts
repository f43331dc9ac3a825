import { syntaxError } from '../errors.ts'
import { type Token, tokenize } from './tokens.ts'

/**
 * Names of the reserved words list, with those that may not name a table or alias. All of them are refused as names, which
 * is a little stricter than Snowflake.
 *
 * @see https://docs.snowflake.com/en/sql-reference/reserved-keywords
 */
const reserved = new Set(
  (
    'ACCOUNT ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONNECTION CONSTRAINT CREATE CROSS CURRENT ' +
    'CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DATABASE DELETE DISTINCT DROP ELSE EXISTS FALSE FOLLOWING ' +
    'FOR FROM FULL GRANT GROUP GSCLUSTER HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS ISSUE JOIN LATERAL LEFT ' +
    'LIKE LOCALTIME LOCALTIMESTAMP MINUS NATURAL NOT NULL OF ON OR ORDER ORGANIZATION QUALIFY REGEXP REVOKE RIGHT RLIKE ROW ' +
    'ROWS SAMPLE SCHEMA SELECT SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER TRUE TRY_CAST UNION UNIQUE UPDATE USING ' +
    'VALUES VIEW WHEN WHENEVER WHERE WITH'
  ).split(' '),
)

/** Words that begin what follows a table or a column, so that they are no alias. */
const closing = new Set(
  'LIMIT OFFSET FETCH EXCEPT WINDOW PIVOT UNPIVOT MATCH_RECOGNIZE ASOF MATCH_CONDITION AT BEFORE CHANGES FILTER OVER WITHIN'.split(
    ' ',
  ),
)

export class Cursor {
  readonly sql: string
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(sql: string) {
    this.sql = sql
    this.#tokens = tokenize(sql)
  }

  get token(): Token {
    return this.ahead(0)
  }

  /** Where the token before the current one ended. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0
  }

  ahead(by: number): Token {
    const token = this.#tokens[this.#at + by] ?? this.#tokens[this.#tokens.length - 1]
    if (token === undefined) throw new Error('no tokens')
    return token
  }

  fail(token = this.token): never {
    throw syntaxError(token.line, token.position, this.sql.slice(token.start, token.end) || '<EOF>')
  }

  step(): Token {
    const token = this.token
    this.#at += 1
    return token
  }

  /** Whether these words or marks come next. */
  sees(...values: readonly string[]): boolean {
    return values.every((value, by) => {
      const token = this.ahead(by)
      return (token.kind === 'word' || token.kind === 'mark') && token.value === value
    })
  }

  accept(...values: readonly string[]): boolean {
    if (!this.sees(...values)) return false
    this.#at += values.length
    return true
  }

  /** Of two words that exclude each other: whether the first is there. */
  either(first: string, second: string): boolean {
    if (this.accept(first)) return true
    this.accept(second)
    return false
  }

  expect(...values: readonly string[]): void {
    for (const value of values) if (!this.accept(value)) this.fail()
  }

  oneOf<T extends string>(...values: readonly T[]): T {
    for (const value of values) if (this.accept(value)) return value
    return this.fail()
  }

  get ended(): boolean {
    return this.token.kind === 'end'
  }

  get atName(): boolean {
    return this.token.kind === 'name' || (this.token.kind === 'word' && !reserved.has(this.token.value))
  }

  name(): string {
    if (!this.atName) this.fail()
    return this.step().value
  }

  /** `[as] alias`, if there is one. */
  alias(): string | undefined {
    if (this.accept('AS')) return this.name()
    if (this.token.kind === 'name') return this.step().value
    if (this.atName && !closing.has(this.token.value)) return this.step().value
    return undefined
  }

  /** `a.b.c` */
  path(): readonly string[] {
    const parts = [this.name()]
    while (this.accept('.')) parts.push(this.name())
    return parts
  }

  text(): string {
    if (this.token.kind !== 'text') this.fail()
    return this.step().value
  }

  integer(): number {
    if (this.token.kind !== 'number' || !/^\d+$/.test(this.token.value)) this.fail()
    return Number(this.step().value)
  }

  list<T>(item: () => T): readonly T[] {
    const items = [item()]
    while (this.accept(',')) items.push(item())
    return items
  }

  parenthesised<T>(inside: () => T): T {
    this.expect('(')
    const value = inside()
    this.expect(')')
    return value
  }
}
