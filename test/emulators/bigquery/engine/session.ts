import type { Address, Database, Relation, Table } from './database.ts'
import { BigqueryError } from './errors.ts'

/** What one job, or one session over several jobs, sees beside the shared tables: temporary ones, and an open transaction. */
export class Session {
  readonly #database: Database
  readonly #temporary = new Map<string, Relation>()
  #transaction: Transaction | undefined

  constructor(database: Database) {
    this.#database = database
  }

  get inTransaction(): boolean {
    return this.#transaction !== undefined
  }

  isTemporary(name: string): boolean {
    return this.#temporary.has(name)
  }

  begin(): void {
    if (this.#transaction !== undefined) {
      throw new BigqueryError(
        'invalidQuery',
        'Transaction control statements cannot be nested: a transaction is in progress',
      )
    }
    const snapshot = new Map(
      [...this.#database.datasets].map(([id, dataset]) => [id, new Map(dataset.relations)] as const),
    )
    this.#transaction = {
      snapshot,
      written: new Map(),
      appended: new Map(),
      temporary: new Map(this.#temporary),
    }
  }

  /** @throws BigqueryError where another job has changed a table that this one changes */
  commit(): void {
    const transaction = this.#openTransaction('COMMIT')
    this.#transaction = undefined
    for (const { address, before } of transaction.written.values()) {
      if (this.#live(address) !== before) {
        throw new BigqueryError(
          'invalidQuery',
          `Transaction is aborted due to concurrent update against table ${this.#database.project}:${address.dataset}.${address.name}.`,
        )
      }
    }
    for (const { address, relation } of transaction.written.values()) this.#put(address, relation)
    for (const { address, pieces } of transaction.appended.values()) {
      const live = this.#live(address)
      if (live?.kind !== 'table') throw this.#database.noTable(address)
      this.#put(address, { ...live, data: [...live.data, ...pieces], modified: Date.now() })
    }
  }

  rollback(): void {
    const { temporary } = this.#openTransaction('ROLLBACK')
    this.#transaction = undefined
    this.#temporary.clear()
    for (const [name, relation] of temporary) this.#temporary.set(name, relation)
  }

  /** What this session sees under a name. @throws BigqueryError for a dataset that is not there */
  find(address: Address): Relation | undefined {
    if (address.dataset === undefined) return this.#temporary.get(address.name)
    const transaction = this.#transaction
    if (transaction === undefined) return this.#database.dataset(address.dataset).relations.get(address.name)
    const written = transaction.written.get(keyOf(address))
    if (written !== undefined) return written.relation
    const known = transaction.snapshot.get(address.dataset)
    if (known === undefined) throw this.#database.noDataset(address.dataset)
    const base = known.get(address.name)
    const appended = transaction.appended.get(keyOf(address))
    if (appended === undefined || base?.kind !== 'table') return base
    return appended.seen
  }

  /** @throws BigqueryError where there is none */
  table(address: Address): Table {
    const found = this.find(address)
    if (found === undefined) throw this.#database.noTable(address)
    if (found.kind === 'view') {
      throw new BigqueryError(
        'invalidQuery',
        `${this.#database.project}:${address.dataset}.${address.name} is not allowed for this operation because it is currently a VIEW.`,
      )
    }
    return found
  }

  /** A new state of a relation; `undefined` drops it. */
  replace(address: Address, relation: Relation | undefined): void {
    const transaction = this.#transaction
    if (address.dataset === undefined || transaction === undefined) {
      this.#put(address, relation)
      return
    }
    const key = keyOf(address)
    const before =
      transaction.written.get(key)?.before ?? transaction.snapshot.get(address.dataset)?.get(address.name)
    transaction.appended.delete(key)
    transaction.written.set(key, { address, before, relation })
  }

  /** Rows that others may add to at the same time. */
  append(address: Address, pieces: readonly Buffer[]): void {
    const transaction = this.#transaction
    const seen = this.table(address)
    const next = { ...seen, data: [...seen.data, ...pieces], modified: Date.now() }
    if (
      address.dataset === undefined ||
      transaction === undefined ||
      transaction.written.has(keyOf(address))
    ) {
      this.replace(address, next)
      return
    }
    const before = transaction.appended.get(keyOf(address))?.pieces ?? []
    transaction.appended.set(keyOf(address), { address, pieces: [...before, ...pieces], seen: next })
  }

  #openTransaction(statement: string): Transaction {
    if (this.#transaction === undefined) {
      throw new BigqueryError(
        'invalidQuery',
        `Transaction control statements are supported only in scripts or sessions: no transaction is in progress to ${statement}`,
      )
    }
    return this.#transaction
  }

  #live(address: Address): Relation | undefined {
    return this.#database.datasets.get(address.dataset ?? '')?.relations.get(address.name)
  }

  #put(address: Address, relation: Relation | undefined): void {
    const relations =
      address.dataset === undefined ? this.#temporary : this.#database.dataset(address.dataset).relations
    if (relation === undefined) relations.delete(address.name)
    else relations.set(address.name, relation)
  }
}

interface Transaction {
  readonly snapshot: ReadonlyMap<string, ReadonlyMap<string, Relation>>
  readonly written: Map<
    string,
    {
      readonly address: Address
      readonly before: Relation | undefined
      readonly relation: Relation | undefined
    }
  >
  readonly appended: Map<
    string,
    { readonly address: Address; readonly pieces: readonly Buffer[]; readonly seen: Table }
  >
  readonly temporary: ReadonlyMap<string, Relation>
}

export function keyOf(address: Address): string {
  return `${address.dataset ?? ''}\0${address.name}`
}

/** @throws BigqueryError */
export function refuseInTransaction(session: Session, what: string): void {
  if (session.inTransaction) {
    throw new BigqueryError(
      'invalidQuery',
      `${what} of a permanent entity is not supported inside a transaction`,
    )
  }
}
