import { setTimeout as delay } from 'node:timers/promises'
import type {
  Bind,
  Binds,
  Column,
  Connection,
  ConnectionCallback,
  RowStatement,
  StatementCallback,
  StatementOption,
} from 'snowflake-sdk'
import { swapCase } from '../dialects/snowflake-names.ts'
import type { Row, Value } from './adapter.ts'
import { isLost } from './snowflake-errors.ts'
import { cellValue } from './snowflake-values.ts'

export interface Request {
  readonly sql: string
  readonly binds?: readonly Bind[] | readonly (readonly Bind[])[]
  readonly queryTag?: string
  /** Only what the columns of the answer would be. */
  readonly describe?: boolean
}

export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly scale: number }[]
  readonly rows: readonly Row[]
  /** As the server counts them for DML and `create table as`; 0 for the rest. */
  readonly affected: number
}

/** Of a stream. */
const blockRows = 2_000

/** Results of a statement that goes on without us are asked for again this long. */
const patienceMs = 10 * 60_000

/** One login; it answers one statement at a time. */
export class SnowflakeSession {
  readonly #connection: Connection
  #running: RowStatement | undefined

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** @throws what the driver says */
  async open(settings: string): Promise<void> {
    await called((done) => this.#connection.connect(done))
    await this.run({ sql: settings })
  }

  isUp(): boolean {
    return this.#connection.isUp()
  }

  /** @throws what the driver or the server says; where that is a lost connection, the statement may be done or not */
  async run(request: Request): Promise<Answer> {
    try {
      const statement = await this.#answered(request)
      const columns = statement.getColumns() ?? []
      const rows = request.describe === true ? [] : await rowsOf(statement, columns)
      return {
        columns: columns.map((column) => ({
          name: swapCase(column.getName()),
          type: column.getType().toLowerCase(),
          scale: column.getScale() ?? 0,
        })),
        rows,
        affected: affectedRows(statement, rows),
      }
    } finally {
      this.#running = undefined
    }
  }

  /** Rows a block at a time. @throws what the driver or the server says */
  async *stream(request: Request): AsyncIterable<readonly Row[]> {
    try {
      const statement = await this.#answered(request)
      let block: Row[] = []
      for await (const row of rowsIn(statement, statement.getColumns() ?? [])) {
        block.push(row)
        if (block.length < blockRows) continue
        yield block
        block = []
      }
      if (block.length > 0) yield block
    } finally {
      this.#running = undefined
    }
  }

  /**
   * The driver sends a statement once more by its request id, which the server knows, where no answer comes. From the
   * first answer on there is a query id, and the result is asked for by that as long as it takes: nothing is sent twice.
   */
  async #answered(request: Request): Promise<RowStatement> {
    const until = performance.now() + patienceMs
    let ask = (complete: StatementCallback): RowStatement =>
      this.#connection.execute({ ...optionsOf(request), complete })
    for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 15_000)) {
      try {
        return await new Promise((resolve, reject) => {
          this.#running = ask((error, statement) => (error ? reject(error) : resolve(statement)))
        })
      } catch (error) {
        const queryId = this.#running?.getQueryId()
        if (!isLost(error) || queryId === undefined || performance.now() > until) throw error
        await delay(pauseMs)
        ask = (complete) => this.#connection.fetchResult({ ...fetching, queryId, complete })
      }
    }
  }

  /** Asks the server to stop what runs now. */
  async cancel(): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    // That there is nothing to stop any more is no failure.
    await called((done) => running.cancel(done)).catch(() => undefined)
  }

  async close(): Promise<void> {
    if (!this.#connection.isUp()) return
    // A session that cannot be ended ends by itself.
    await called((done: ConnectionCallback) => this.#connection.destroy(done)).catch(() => undefined)
  }
}

const fetching = {
  rowMode: 'array',
  streamResult: true,
  fetchAsString: ['Number', 'JSON', 'Buffer'],
} satisfies Partial<StatementOption>

function optionsOf({ sql, binds, queryTag, describe = false }: Request): StatementOption {
  return {
    ...fetching,
    sqlText: sql,
    ...(binds === undefined ? {} : { binds: copied(binds) }),
    ...(queryTag === undefined ? {} : { parameters: { QUERY_TAG: queryTag } }),
    ...(describe ? { describeOnly: true } : {}),
  }
}

function copied(binds: NonNullable<Request['binds']>): Binds {
  const rows: Bind[][] = []
  const values: Bind[] = []
  for (const bind of binds) {
    if (bind !== null && typeof bind === 'object') rows.push([...bind])
    else values.push(bind)
  }
  return rows.length > 0 ? rows : values
}

async function rowsOf(statement: RowStatement, columns: readonly Column[]): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const row of rowsIn(statement, columns)) rows.push(row)
  return rows
}

async function* rowsIn(statement: RowStatement, columns: readonly Column[]): AsyncGenerator<Row> {
  const cells = columns.map((column) => ({
    name: swapCase(column.getName()),
    type: column.getType().toLowerCase(),
    scale: column.getScale() ?? 0,
  }))
  for await (const row of statement.streamRows()) {
    const values: readonly unknown[] = Array.isArray(row) ? row : []
    const found: Record<string, Value> = {}
    for (const [index, { name, type, scale }] of cells.entries()) {
      found[name] = cellValue(values[index], type, scale)
    }
    yield found
  }
}

/** `create table as` does not count for the driver, but says how many rows the table has. */
function affectedRows(statement: RowStatement, rows: readonly Row[]): number {
  const updated = statement.getNumUpdatedRows()
  if (updated !== undefined && updated >= 0) return updated
  const first = Object.values(rows[0] ?? {})[0]
  return typeof first === 'bigint' && rows.length === 1 ? Number(first) : 0
}

function called(start: (done: (error: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve()))
  })
}
