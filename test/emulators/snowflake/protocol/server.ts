import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Engine } from '../engine/engine.ts'
import { checkParameter } from '../engine/parameters.ts'
import type { Result } from '../engine/results.ts'
import type { Session } from '../engine/session.ts'
import { describeStatement } from '../engine/statements.ts'
import { SnowflakeError } from '../errors.ts'
import { parseScript } from '../language/statements.ts'
import { type Account, checkLogin } from './accounts.ts'
import { bindsOf } from './binds.ts'
import { Faults } from './faults.ts'
import { record, string } from './json.ts'
import { Queries, RunningQuery } from './queries.ts'
import { cell, rowType } from './wire.ts'

export interface ServerOptions {
  /** Rows beyond which a result comes in chunks, and rows of a chunk. */
  readonly chunkRows: number
  /** How long a request waits for its query before it says "in progress". */
  readonly answerWithinMs: number
}

interface Login {
  readonly session: Session
  readonly masterToken: string
  token: string
  expired: boolean
  masterExpired: boolean
}

interface Answer {
  readonly status: number
  readonly body: Buffer
  readonly type: string
}

/**
 * The part of Snowflake's v1 client protocol that `snowflake-sdk` speaks: logins, queries, results by id, cancelling,
 * chunks, heartbeats. Stages are not there: PUT and GET are refused.
 */
export class SnowflakeServer {
  readonly faults = new Faults()
  readonly #engine: Engine
  readonly #account: Account
  readonly #options: ServerOptions
  readonly #queries = new Queries()
  readonly #logins = new Map<string, Login>()
  readonly #chunks = new Map<string, Buffer>()
  readonly #server: Server
  readonly requests: string[] = []

  private constructor(engine: Engine, account: Account, options: ServerOptions) {
    this.#engine = engine
    this.#account = account
    this.#options = options
    this.#server = createServer((request, response) => {
      void this.#serve(request, response)
    })
  }

  static async listen(engine: Engine, account: Account, options: ServerOptions): Promise<SnowflakeServer> {
    const server = new SnowflakeServer(engine, account, options)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the server is closed')
    return address.port
  }

  async close(): Promise<void> {
    for (const { session } of this.#logins.values()) await this.#engine.closeSession(session)
    this.#logins.clear()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Session tokens run out: drivers renew them with their master token, unless that has run out too. */
  expireSessions(what: 'session' | 'master' = 'session'): void {
    for (const login of this.#logins.values()) {
      login.expired = true
      login.masterExpired ||= what === 'master'
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(Buffer.from(piece))
      const raw = Buffer.concat(pieces)
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
      const url = new URL(request.url ?? '/', 'http://loopback')
      this.requests.push(`${request.method} ${url.pathname}`)
      const json: unknown = body.length > 0 ? JSON.parse(body.toString()) : {}
      const fault = this.faults.take(url.pathname, string(json, 'sqlText'))
      if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms))
      if (fault?.kind === 'reset' && fault.when === 'before') {
        request.socket.destroy()
        return
      }
      const answer =
        fault?.kind === 'status'
          ? { status: fault.status, body: Buffer.alloc(0), type: 'text/plain' }
          : fault?.kind === 'sessionExpired'
            ? refusal('390112', 'Your session has expired. Please login again.')
            : await this.#answer(request, url, json)
      if (fault?.kind === 'reset') {
        request.socket.destroy()
        return
      }
      response.writeHead(answer.status, { 'content-type': answer.type, 'content-encoding': 'gzip' })
      response.end(gzipSync(answer.body, { level: 1 }))
    } catch (error) {
      const message = `the simulated Snowflake failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          data: { errorCode: '000603', sqlState: 'XX000', queryId: randomUUID() },
          code: '000603',
          message,
          success: false,
        }),
      )
    }
  }

  async #answer(request: IncomingMessage, url: URL, json: unknown): Promise<Answer> {
    const path = url.pathname
    if (path === '/session/v1/login-request') return await this.#login(url, record(json).data)
    if (path.startsWith('/chunks/')) {
      const chunk = this.#chunks.get(path)
      return chunk === undefined
        ? { status: 404, body: Buffer.alloc(0), type: 'text/plain' }
        : { status: 200, body: chunk, type: 'binary/octet-stream' }
    }
    const token = /Token="([^"]+)"/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (path === '/session/token-request') return this.#renew(token)
    const login = this.#logins.get(token)
    if (login === undefined) return refusal('390104', 'Session token is invalid, please log in again.')
    if (login.expired) return refusal('390112', 'Your session has expired. Please login again.')
    if (path === '/session' && url.searchParams.get('delete') === 'true') {
      this.#logins.delete(token)
      await this.#engine.closeSession(login.session)
      return success(null)
    }
    if (path === '/session/heartbeat' || path.startsWith('/telemetry/')) return success(null)
    if (path === '/queries/v1/abort-request') {
      this.#queries.ofRequest(string(json, 'requestId') ?? '')?.cancel()
      return success(null)
    }
    if (path === '/queries/v1/query-request')
      return await this.#query(login.session, url.searchParams.get('requestId') ?? randomUUID(), json)
    const [, kind, id = ''] =
      /^\/(queries|monitoring\/queries)\/([0-9a-f-]{36})(?:\/(?:result|abort-request))?$/.exec(path) ?? []
    if (kind === 'monitoring/queries') return this.#status(id)
    if (kind === 'queries' && path.endsWith('/abort-request')) {
      this.#queries.get(id)?.cancel()
      return success(null)
    }
    if (kind === 'queries' && path.endsWith('/result')) return await this.#result(login.session, id)
    return { status: 404, body: Buffer.from('{}'), type: 'application/json' }
  }

  async #login(url: URL, data: unknown): Promise<Answer> {
    const refused = checkLogin(this.#account, data)
    if (refused !== undefined)
      return answer({
        data: { nextAction: 'RETRY_LOGIN', errorCode: refused.code },
        code: refused.code,
        message: refused.message,
        success: false,
      })
    const token = randomUUID()
    const session = await this.#engine.openSession(token, this.#account.user)
    const role = folded(url.searchParams.get('roleName'))
    if (role !== undefined && !this.#engine.roles.has(role)) {
      return refusal(
        '390189',
        `Role '${role}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
      )
    }
    session.role = role ?? 'PUBLIC'
    // What is not there is left out without a word; the first statement that needs it fails.
    const warehouse = folded(url.searchParams.get('warehouse'))
    if (warehouse !== undefined && this.#engine.warehouses.has(warehouse)) session.warehouse = warehouse
    const database = folded(url.searchParams.get('databaseName'))
    const schemas = database === undefined ? undefined : this.#engine.catalog.databases.get(database)
    if (database !== undefined && schemas !== undefined) {
      session.database = database
      const schema = folded(url.searchParams.get('schemaName')) ?? 'PUBLIC'
      if (schemas.has(schema)) session.schema = schema
    }
    for (const [name, value] of Object.entries(record(record(data).SESSION_PARAMETERS))) {
      try {
        checkParameter(name, String(value))
        session.parameters.set(name, String(value))
      } catch (error) {
        // Drivers set parameters of their own that mean nothing here; what the twins depend on has to be as they have it.
        if (error instanceof SnowflakeError && error.code === '000002')
          return refusal(error.code, error.message)
      }
    }
    const login: Login = { session, masterToken: randomUUID(), token, expired: false, masterExpired: false }
    this.#logins.set(token, login)
    return success({
      token,
      masterToken: login.masterToken,
      validityInSeconds: 3600,
      masterValidityInSeconds: 14_400,
      displayUserName: session.user,
      serverVersion: 'simulated',
      firstLogin: false,
      healthCheckInterval: 45,
      sessionId: session.id,
      parameters: parametersOf(session),
      sessionInfo: {
        databaseName: session.database ?? null,
        schemaName: session.schema ?? null,
        warehouseName: session.warehouse ?? null,
        roleName: session.role,
      },
    })
  }

  #renew(masterToken: string): Answer {
    const login = [...this.#logins.values()].find((candidate) => candidate.masterToken === masterToken)
    if (login === undefined || login.masterExpired)
      return refusal('390114', 'Authentication token has expired. The user must authenticate again.')
    this.#logins.delete(login.token)
    login.token = randomUUID()
    login.expired = false
    this.#logins.set(login.token, login)
    return success({
      sessionToken: login.token,
      validityInSecondsST: 3600,
      masterToken,
      validityInSecondsMT: 14_400,
      sessionId: login.session.id,
    })
  }

  async #query(session: Session, requestId: string, json: unknown): Promise<Answer> {
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
    return await this.#result(session, query.id)
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

  #status(id: string): Answer {
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

  async #result(session: Session, id: string): Promise<Answer> {
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
        url: `http://127.0.0.1:${this.port}${path}`,
        rowCount: part.length,
        uncompressedSize: body.length,
        compressedSize: body.length,
      })
    }
    return chunks
  }
}

/** Unquoted names of a connection string fold as they do in SQL. */
function folded(name: string | null): string | undefined {
  if (name === null || name === '') return undefined
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toUpperCase()
}

const booleans = new Set([
  'CLIENT_SESSION_KEEP_ALIVE',
  'USE_CACHED_RESULT',
  'JS_TREAT_INTEGER_AS_BIGINT',
  'CLIENT_TELEMETRY_ENABLED',
  'AUTOCOMMIT',
])

/** The driver takes these from each answer: what is not told here has no effect there. */
function parametersOf(session: Session): readonly { name: string; value: unknown }[] {
  const all = new Map<string, unknown>([
    ['TIMEZONE', 'UTC'],
    ['CLIENT_PREFETCH_THREADS', 4],
    ['CLIENT_TELEMETRY_ENABLED', false],
    ['CLIENT_STAGE_ARRAY_BINDING_THRESHOLD', 65_280],
    ['QUERY_CONTEXT_CACHE_SIZE', 5],
    ['TIMESTAMP_OUTPUT_FORMAT', 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM'],
    ['TIMESTAMP_NTZ_OUTPUT_FORMAT', 'YYYY-MM-DD HH24:MI:SS.FF3'],
    ['DATE_OUTPUT_FORMAT', 'YYYY-MM-DD'],
  ])
  for (const [name, value] of session.parameters) {
    all.set(
      name,
      booleans.has(name)
        ? value.toLowerCase() === 'true'
        : /^\d+$/.test(value) && name !== 'QUERY_TAG'
          ? Number(value)
          : value,
    )
  }
  return [...all].map(([name, value]) => ({ name, value }))
}

function answer(body: unknown): Answer {
  return { status: 200, body: Buffer.from(JSON.stringify(body)), type: 'application/json' }
}

function success(data: unknown): Answer {
  return answer({ data, code: null, message: null, success: true })
}

function refusal(code: string, message: string): Answer {
  return answer({ data: null, code, message, success: false })
}

function failed(queryId: string, error: SnowflakeError): Answer {
  return answer({
    data: {
      internalError: false,
      errorCode: error.code,
      age: 0,
      sqlState: error.sqlState,
      queryId,
      line: -1,
      pos: -1,
      type: 'COMPILATION',
    },
    code: error.code,
    message: error.message,
    success: false,
  })
}
