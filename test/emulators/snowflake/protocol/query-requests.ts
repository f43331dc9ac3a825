import type { Engine } from '../engine/engine.ts'
import type { Result } from '../engine/results.ts'
import type { Session } from '../engine/session.ts'
import { describeStatement } from '../engine/statements.ts'
import { SnowflakeError } from '../errors.ts'
import { parseScript } from '../language/statements.ts'
import { type Answer, answer, failed, success } from './answers.ts'
import { bindsOf } from './binds.ts'
import { record, string } from './json.ts'
import { Queries, RunningQuery } from './queries.ts'
import { parametersOf } from './session-parameters.ts'
import { cell, rowType } from './wire.ts'

export interface QueryOptions {
  /** Rows beyond which a result comes in chunks, and rows of a chunk. */
  readonly chunkRows: number
  /** How long a request waits for its query before it says "in progress". */
  readonly answerWithinMs: number
}

/** Requests to run something, and to hear of it: at once, later, by another connection, and in chunks. */
export class QueryRequests {
  readonly #engine: Engine
  readonly #options: QueryOptions
  readonly #origin: () => string
  readonly #queries = new Queries()
  readonly #chunks = new Map<string, Buffer>()

  /** @param origin of the server, where chunks are fetched from */
  constructor(engine: Engine, options: QueryOptions, origin: () => string) {
    this.#engine = engine
    this.#options = options
    this.#origin = origin
  }

  chunk(path: string): Buffer | undefined {
    return this.#chunks.get(path)
  }

  cancel(id: string): void {
    this.#queries.get(id)?.cancel()
  }

  cancelRequest(requestId: string): void {
    this.#queries.ofRequest(requestId)?.cancel()
  }

  async query(session: Session, requestId: string, json: unknown): Promise<Answer> {
    const sql = string(json, 'sqlText') ?? ''
    const request = record(json)
    const known = this.#queries.ofRequest(requestId)
    const query =
      known ??
      new RunningQuery(requestId, sql, (signal) => {
        if (request.describeOnly === true) return this.#describe(session, sql, signal, request.bindings)
        return this.#run(session, sql, record(request.parameters), request.bindings, signal)
      })
    if (known === undefined) this.#queries.add(query)
    if (request.asyncExec === true) {
      return answer({
        data: {
          queryId: query.id,
          getResultUrl: `/queries/${query.id}/result`,
          queryAbortsAfterSecs: 300,
          progressDesc: null,
        },
        code: '333334',
        message:
          'Asynchronous execution in progress. Use provided query id to perform query monitoring and management.',
        success: true,
      })
    }
    return await this.result(session, query.id)
  }

  async #run(
    session: Session,
    sql: string,
    parameters: Readonly<Record<string, unknown>>,
    bindings: unknown,
    signal: AbortSignal,
  ): Promise<readonly Result[]> {
    const statements = parseScript(sql).length
    const wanted = Number(
      parameters.MULTI_STATEMENT_COUNT ?? session.parameters.get('MULTI_STATEMENT_COUNT') ?? 1,
    )
    // 0 stands for any number.
    if (wanted !== 0 && statements !== wanted) {
      const failure = new SnowflakeError(
        '000008',
        '0A000',
        `Actual statement count ${statements} did not match the desired statement count ${wanted}.`,
      )
      this.#engine.log.refused(sql, failure)
      throw failure
    }
    return await this.#engine.run(sql, session, bindsOf(bindings), signal)
  }

  async #describe(
    session: Session,
    sql: string,
    signal: AbortSignal,
    bindings: unknown,
  ): Promise<readonly Result[]> {
    const [first] = parseScript(sql)
    if (first === undefined)
      throw new SnowflakeError('000900', '42601', 'SQL compilation error:\nEmpty SQL statement.')
    return await session.queue(async () => [
      await describeStatement(
        first.statement,
        { session, signal, binds: bindsOf(bindings), now: new Date().toISOString() },
        this.#engine,
      ),
    ])
  }

  status(id: string): Answer {
    const query = this.#queries.get(id)
    if (query === undefined) return success({ queries: [] })
    const failure = query.done?.failure
    const status =
      query.done === undefined
        ? 'RUNNING'
        : failure === undefined
          ? 'SUCCESS'
          : failure.code === '000604'
            ? 'ABORTED'
            : 'FAILED_WITH_ERROR'
    return success({
      queries: [
        {
          id,
          status,
          state: status,
          sqlText: query.sql,
          errorCode: failure?.code ?? '',
          errorMessage: failure?.message ?? '',
        },
      ],
    })
  }

  async result(session: Session, id: string): Promise<Answer> {
    const child = this.#queries.child(id)
    if (child !== undefined) return success(this.#data(session, id, child))
    const query = this.#queries.get(id)
    if (query === undefined)
      return failed(id, new SnowflakeError('000709', '02000', `Statement ${id} not found`))
    const outcome = await query.within(this.#options.answerWithinMs)
    if (outcome === undefined) {
      return answer({
        data: {
          queryId: id,
          getResultUrl: `/queries/${id}/result`,
          queryAbortsAfterSecs: 300,
          progressDesc: null,
        },
        code: '333333',
        message: 'Query execution in progress.',
        success: true,
      })
    }
    if (outcome.failure !== undefined) return failed(id, outcome.failure)
    const { results } = outcome
    const [only, ...more] = results
    if (only === undefined)
      return failed(id, new SnowflakeError('000900', '42601', 'SQL compilation error:\nEmpty SQL statement.'))
    if (more.length === 0) return success(this.#data(session, id, only))
    const ids = results.map((result) => this.#queries.addChild(result))
    const all = this.#data(session, id, { ...only, columns: [], rows: [], typeId: 0xa000 })
    return success({
      ...all,
      resultIds: ids.join(','),
      resultTypes: results.map(({ typeId }) => typeId).join(','),
    })
  }

  #data(session: Session, id: string, result: Result): Readonly<Record<string, unknown>> {
    const rows = result.rows.map((row) => result.columns.map(({ type }, index) => cell(row[index], type)))
    const chunked = rows.length > this.#options.chunkRows
    return {
      parameters: parametersOf(session),
      rowtype: result.columns.map(rowType),
      // With chunks no row may be in here.
      rowset: chunked ? [] : rows,
      total: rows.length,
      returned: rows.length,
      queryId: id,
      databaseProvider: null,
      finalDatabaseName: session.database ?? null,
      finalSchemaName: session.schema ?? null,
      finalWarehouseName: session.warehouse ?? null,
      finalRoleName: session.role ?? null,
      numberOfBinds: result.numberOfBinds,
      arrayBindSupported: result.typeId === 0x3100,
      statementTypeId: result.typeId,
      version: 1,
      sendResultTime: Date.now(),
      queryResultFormat: 'json',
      ...(chunked ? { chunks: this.#chunksOf(id, rows), qrmk: 'none', chunkHeaders: {} } : {}),
    }
  }

  /** Rows without the brackets around them all, as the driver wants them. */
  #chunksOf(id: string, rows: readonly (readonly (string | null)[])[]): readonly unknown[] {
    const size = Math.max(1, this.#options.chunkRows)
    const chunks: unknown[] = []
    for (let from = 0; from < rows.length; from += size) {
      const part = rows.slice(from, from + size)
      const path = `/chunks/${id}/${from}`
      const body = Buffer.from(part.map((row) => JSON.stringify(row)).join(','))
      this.#chunks.set(path, body)
      chunks.push({
        url: `${this.#origin()}${path}`,
        rowCount: part.length,
        uncompressedSize: body.length,
        compressedSize: body.length,
      })
    }
    return chunks
  }
}
