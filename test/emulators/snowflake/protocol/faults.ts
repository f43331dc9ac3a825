/** What goes wrong with a request: before it is looked at, or after it has been carried out. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'sessionExpired' }

interface Planned {
  readonly path: RegExp
  readonly sql: RegExp | undefined
  readonly fault: Fault
  left: number
}

/** Faults to come, each for the first requests that match. */
export class Faults {
  readonly #planned: Planned[] = []

  /** @param on requests by path, and by the statement they carry */
  add(
    fault: Fault,
    on: { readonly path?: RegExp; readonly sql?: RegExp; readonly times?: number } = {},
  ): void {
    this.#planned.push({ path: on.path ?? /query-request/, sql: on.sql, fault, left: on.times ?? 1 })
  }

  take(path: string, sql: string | undefined): Fault | undefined {
    const found = this.#planned.find(
      (planned) =>
        planned.left > 0 &&
        planned.path.test(path) &&
        (planned.sql === undefined || (sql !== undefined && planned.sql.test(sql))),
    )
    if (found === undefined) return undefined
    found.left -= 1
    return found.fault
  }

  clear(): void {
    this.#planned.length = 0
  }
}
