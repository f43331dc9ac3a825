import { randomUUID } from 'node:crypto'
import { Analyst } from '../engine/analysis.ts'
import { Database } from '../engine/database.ts'
import { Engine } from '../engine/engine.ts'
import { BigqueryError } from '../engine/errors.ts'
import { type StatementCounts, StatementLog } from '../engine/statement-log.ts'
import { bigqueryLanguage } from '../service/language.ts'
import { type Service, startService } from '../service/service.ts'
import { CatalogRoutes } from './catalog-routes.ts'
import { Clients } from './clients.ts'
import { errorReply, type Handler, listen, ok, type Reply, type Request, type Route } from './http.ts'
import { JobRoutes } from './job-routes.ts'
import { httpStatus } from './jobs.ts'

export interface BigqueryServer {
  readonly apiEndpoint: string
  readonly project: string
  readonly token: string
  counts(): StatementCounts
  stop(): Promise<void>
}

/** The version 2 API of BigQuery on a loopback port, as far as its Node client uses it. */
export async function startBigqueryServer(project = 'personas-test'): Promise<BigqueryServer> {
  const database = new Database(project)
  const log = new StatementLog()
  let service: Promise<Service> | undefined
  let engine: Promise<Engine> | undefined
  // Most runs of single tests never ask it anything.
  const lazyEngine = (): Promise<Engine> => {
    service ??= startService()
    engine ??= service.then(async (started) => {
      const language = await bigqueryLanguage(started)
      return new Engine(database, new Analyst(started, language), log)
    })
    return engine
  }
  const token = `token-${randomUUID()}`
  const emulator = new Emulator(database, lazyEngine, log, token)
  const { server, address } = await listen((request) => emulator.handle(request))
  return {
    apiEndpoint: address,
    project,
    token,
    counts: () => log.counts(),
    async stop() {
      server.close()
      server.closeAllConnections()
      await (await service)?.stop()
    },
  }
}

class Emulator {
  readonly #project: string
  readonly #log: StatementLog
  readonly #token: string
  readonly #clients = new Clients()
  readonly #jobs: JobRoutes
  readonly #routes: readonly Route[]

  constructor(database: Database, engine: () => Promise<Engine>, log: StatementLog, token: string) {
    this.#project = database.project
    this.#log = log
    this.#token = token
    this.#jobs = new JobRoutes(database, engine, this.#clients)
    this.#routes = [...this.#jobs.routes, ...new CatalogRoutes(database, this.#clients).routes]
  }

  readonly handle: Handler = async (request) => {
    if (request.path.startsWith('/emulator/')) return this.#control(request)
    if (request.token.split('.')[0] !== this.#token) return unauthorized
    const client = this.#clients.of(request.token)
    const line = `${request.method} ${request.path}`
    const fault = client.next(['answer', 'reset'], line)
    if (fault?.kind === 'answer') return errorReply(fault.status, fault.reason, fault.message)
    if (fault?.kind === 'reset' && !fault.after) return 'reset'
    const reply = await this.#answer(request)
    return fault?.kind === 'reset' ? 'reset' : reply
  }

  async #answer(request: Request): Promise<Reply> {
    try {
      const project = /^\/projects\/([^/]+)\//.exec(request.path)?.[1]
      if (project !== undefined && project !== this.#project) {
        throw new BigqueryError(
          'accessDenied',
          `Access Denied: Project ${project}: User does not have bigquery.jobs.create permission in project ${project}.`,
        )
      }
      for (const [method, pattern, route] of this.#routes) {
        const match = method === request.method ? pattern.exec(request.path) : null
        if (match !== null) return await route(request, match.slice(1))
      }
      return errorReply(404, 'notFound', `the BigQuery emulator has no ${request.method} ${request.path}`)
    } catch (error) {
      if (error instanceof BigqueryError) {
        const location =
          error.location === undefined ? undefined : { location: error.location, locationType: 'parameter' }
        return errorReply(httpStatus(error), error.reason, error.message, location)
      }
      if (error instanceof SyntaxError) return errorReply(400, 'parseError', `Parse Error: ${error.message}`)
      console.error('BigQuery emulator:', error)
      return errorReply(500, 'internalError', error instanceof Error ? error.message : String(error))
    }
  }

  /** What tests set and read: `/emulator/clients/<token>`, `/emulator/jobs?token=`, `/emulator/statements`. */
  #control(request: Request): Reply {
    const [, , what = '', of = ''] = request.path.split('/')
    if (what === 'clients' && request.method === 'PUT') {
      this.#clients.of(of).set(request.json())
      return ok({})
    }
    if (what === 'jobs') {
      return ok({ jobs: this.#jobs.begunBy(request.query.get('token')) })
    }
    if (what === 'statements') {
      return ok({ ...this.#log.counts() })
    }
    return errorReply(404, 'notFound', request.path)
  }
}

const unauthorized = errorReply(
  401,
  'authError',
  'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  { location: 'Authorization', locationType: 'header' },
)
