import { SnowflakeError } from '../errors.ts'

export interface Ended {
  readonly sql: string
  readonly error: string | undefined
  readonly ms: number
}

/** Counts over distinct statement texts, for the summary of a test run. */
export class StatementLog {
  readonly #executed = new Set<string>()
  readonly #refused = new Map<string, string>()
  readonly #all: Ended[] = []

  executed(sql: string, ms: number): void {
    this.#executed.add(shape(sql))
    this.#all.push({ sql, error: undefined, ms })
  }

  refused(sql: string, error: unknown, ms = 0): void {
    const text = error instanceof SnowflakeError ? `${error.code} ${error.message}` : String(error)
    this.#refused.set(shape(sql), text)
    this.#all.push({ sql, error: text, ms })
  }

  /** Every statement in the order it ended. */
  get all(): readonly Ended[] {
    return this.#all
  }

  get refusals(): ReadonlyMap<string, string> {
    return this.#refused
  }

  get counts(): { readonly gated: number; readonly executed: number; readonly refused: number } {
    return {
      gated: new Set([...this.#executed, ...this.#refused.keys()]).size,
      executed: this.#executed.size,
      refused: this.#refused.size,
    }
  }
}

/** Runs name schemas of their own: digits do not make a statement another one. */
function shape(sql: string): string {
  return sql.replaceAll(/\d+/g, '0')
}
