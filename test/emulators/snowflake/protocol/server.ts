import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Engine } from '../engine/engine.ts'
import type { Account } from './accounts.ts'
import { type Answer, refusal, success } from './answers.ts'
import { Faults } from './faults.ts'
import { record, string } from './json.ts'
import { Logins } from './logins.ts'
import { type QueryOptions, QueryRequests } from './query-requests.ts'

/**
 * The part of Snowflake's v1 client protocol that `snowflake-sdk` speaks: logins, queries, results by id, cancelling,
 * chunks, heartbeats. Stages are not there: PUT and GET are refused.
 */
export class SnowflakeServer {
  readonly faults = new Faults()
  readonly #logins: Logins
  readonly #queries: QueryRequests
  readonly #server: Server
  readonly requests: string[] = []

  private constructor(engine: Engine, account: Account, options: QueryOptions) {
    this.#logins = new Logins(engine, account)
    this.#queries = new QueryRequests(engine, options, () => `http://127.0.0.1:${this.port}`)
    this.#server = createServer((request, response) => {
      void this.#serve(request, response)
    })
  }

  static async listen(engine: Engine, account: Account, options: QueryOptions): Promise<SnowflakeServer> {
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
    await this.#logins.endAll()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Session tokens run out: drivers renew them with their master token, unless that has run out too. */
  expireSessions(what: 'session' | 'master' = 'session'): void {
    this.#logins.expire(what)
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
    if (path === '/session/v1/login-request') return await this.#logins.login(url, record(json).data)
    if (path.startsWith('/chunks/')) {
      const chunk = this.#queries.chunk(path)
      return chunk === undefined
        ? { status: 404, body: Buffer.alloc(0), type: 'text/plain' }
        : { status: 200, body: chunk, type: 'binary/octet-stream' }
    }
    const token = /Token="([^"]+)"/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (path === '/session/token-request') return this.#logins.renew(token)
    const login = this.#logins.get(token)
    if (login === undefined) return refusal('390104', 'Session token is invalid, please log in again.')
    if (login.expired) return refusal('390112', 'Your session has expired. Please login again.')
    if (path === '/session' && url.searchParams.get('delete') === 'true') {
      await this.#logins.end(login)
      return success(null)
    }
    if (path === '/session/heartbeat' || path.startsWith('/telemetry/')) return success(null)
    if (path === '/queries/v1/abort-request') {
      this.#queries.cancelRequest(string(json, 'requestId') ?? '')
      return success(null)
    }
    if (path === '/queries/v1/query-request')
      return await this.#queries.query(login.session, url.searchParams.get('requestId') ?? randomUUID(), json)
    const [, kind, id = ''] =
      /^\/(queries|monitoring\/queries)\/([0-9a-f-]{36})(?:\/(?:result|abort-request))?$/.exec(path) ?? []
    if (kind === 'monitoring/queries') return this.#queries.status(id)
    if (kind === 'queries' && path.endsWith('/abort-request')) {
      this.#queries.cancel(id)
      return success(null)
    }
    if (kind === 'queries' && path.endsWith('/result')) return await this.#queries.result(login.session, id)
    return { status: 404, body: Buffer.from('{}'), type: 'application/json' }
  }
}
