/** What became of the statements of a run, for the summary of the tests. */
export interface StatementCounts {
  readonly statements: number
  /** Different texts that Google's analyzer has judged as sent; texts that differ in table names only count once. */
  readonly analyzed: number
  /** Different texts that it, or a rule of BigQuery's, refused. */
  readonly refused: number
  /** What a statement asked for that could not be run here → how many different texts did. */
  readonly notVerifiable: Readonly<Record<string, number>>
  readonly millis: number
}

export class StatementLog {
  #statements = 0
  #millis = 0
  #analyzed = 0
  readonly #refused = new Set<string>()
  readonly #notVerifiable = new Map<string, Set<string>>()

  ran(millis: number): void {
    this.#statements += 1
    this.#millis += millis
  }

  analyzed(): void {
    this.#analyzed += 1
  }

  refused(sql: string, message: string): void {
    this.#statements += 1
    this.#refused.add(`${sql}\0${message}`)
  }

  notVerifiable(sql: string, why: string): void {
    this.#statements += 1
    this.#notVerifiable.set(why, (this.#notVerifiable.get(why) ?? new Set()).add(sql))
  }

  counts(): StatementCounts {
    return {
      statements: this.#statements,
      analyzed: this.#analyzed,
      refused: this.#refused.size,
      notVerifiable: Object.fromEntries([...this.#notVerifiable].map(([why, sqls]) => [why, sqls.size])),
      millis: this.#millis,
    }
  }
}
