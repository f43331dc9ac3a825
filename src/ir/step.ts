/** One SQL statement, run in autocommit unless a transaction holds it. */
export interface Statement {
  readonly kind: 'statement'
  readonly name: string
  readonly sql: string
}

/**
 * Statements repeated until `until` answers 0.
 *
 * `until` returns one row with one integer, `remaining`; it is asked before each round.
 * More rounds than the bound allows for the first answer n is a bug and fails the run:
 * `logarithmic` = 2·log2(n) + 4, `linear` = n.
 */
export interface Repeat {
  readonly kind: 'repeat'
  readonly name: string
  readonly until: string
  readonly bound: 'logarithmic' | 'linear'
  readonly body: readonly Step[]
}

/** Steps for what is not always there: run unless `condition` answers 0, one row with one integer, `remaining`. */
export interface Branch {
  readonly kind: 'branch'
  readonly name: string
  readonly condition: string
  readonly body: readonly Step[]
}

/** Statements that become visible together or not at all. */
export interface Transaction {
  readonly kind: 'transaction'
  readonly name: string
  readonly body: readonly Statement[]
}

/** A query that must answer no rows; what it answers is shown as evidence. */
export interface Check {
  readonly kind: 'check'
  readonly name: string
  readonly sql: string
  /** What a row means, as a sentence: "`crm.sql` returns user_id twice". */
  readonly message: string
  readonly hint: string
}

/** A query each of whose rows the author should know of; the run goes on. */
export interface Warning {
  readonly kind: 'warning'
  readonly name: string
  readonly sql: string
  /** What a row means; `runner/row-warning.ts` names the columns of each. */
  readonly code: 'PSN5023' | 'PSN5025' | 'PSN5026' | 'PSN3310'
}

export type Step = Statement | Repeat | Branch | Transaction | Check | Warning

export function statement(name: string, sql: string): Statement {
  return { kind: 'statement', name, sql }
}
