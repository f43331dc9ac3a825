import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Analyst } from '../engine/analysis.ts'
import { Database, newTable, rowsOf } from '../engine/database.ts'
import { Engine } from '../engine/engine.ts'
import { BigqueryError } from '../engine/errors.ts'
import { Session } from '../engine/session.ts'
import { type StatementCounts, StatementLog } from '../engine/statement-log.ts'
import { checkColumns, checkTableName } from '../engine/tables.ts'
import { isObject, isTrue, type Json, type JsonObject, listMember, member, textMember } from '../json.ts'
import { bigqueryLanguage } from '../service/language.ts'
import { type Service, startService } from '../service/service.ts'
import { rowJson } from '../values/decode.ts'
import { ClientState } from './clients.ts'
import { errorReply, type Handler, listen, type Reply, type Request } from './http.ts'
import { affectedJson, errorJson, httpStatus, Job, type Outcome, schemaJson } from './jobs.ts'
import { columnsOfSchema, insertAll, load } from './loads.ts'
import { parametersOf } from './parameters.ts'
import { datasetJson, tableJson } from './resources.ts'
import { Uploads } from './uploads.ts'

export interface BigqueryServer {
  readonly apiEndpoint: string
  readonly project: string
  readonly token: string
  counts(): StatementCounts
  stop(): Promise<void>
}

type Route = (request: Request, parts: readonly string[]) => Promise<Reply> | Reply

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
  emulator.address = address
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
  address = ''
  readonly #database: Database
  readonly #engine: () => Promise<Engine>
  readonly #log: StatementLog
  readonly #token: string
  readonly #clients = new Map<string, ClientState>()
  readonly #jobs = new Map<string, Job>()
  readonly #byRequest = new Map<string, Job>()
  readonly #sessions = new Map<string, Session>()
  readonly #uploads = new Uploads()
  readonly #routes: readonly (readonly [string, RegExp, Route])[]

  constructor(database: Database, engine: () => Promise<Engine>, log: StatementLog, token: string) {
    this.#database = database
    this.#engine = engine
    this.#log = log
    this.#token = token
    const datasets = '/projects/[^/]+/datasets'
    const tables = `${datasets}/([^/]+)/tables`
    this.#routes = [
      ['POST', /^\/projects\/[^/]+\/queries$/, (request) => this.#query(request)],
      ['GET', /^\/projects\/[^/]+\/queries\/([^/]+)$/, (request, [id]) => this.#results(request, id)],
      [
        'POST',
        /^\/projects\/[^/]+\/jobs$/,
        (request) => (request.isUpload ? this.#upload(request) : this.#insertJob(request)),
      ],
      ['PUT', /^\/projects\/[^/]+\/jobs$/, (request) => this.#upload(request)],
      ['GET', /^\/projects\/[^/]+\/jobs$/, (request) => this.#listJobs(request)],
      ['GET', /^\/projects\/[^/]+\/jobs\/([^/]+)$/, (request, [id]) => ok(this.#job(request, id).resource())],
      ['POST', /^\/projects\/[^/]+\/jobs\/([^/]+)\/cancel$/, (request, [id]) => this.#cancel(request, id)],
      ['GET', new RegExp(`^${datasets}$`), () => this.#listDatasets()],
      ['POST', new RegExp(`^${datasets}$`), (request) => this.#createDataset(request)],
      ['GET', new RegExp(`^${datasets}/([^/]+)$`), (request, [id]) => this.#getDataset(request, id)],
      ['PATCH', new RegExp(`^${datasets}/([^/]+)$`), (request, [id]) => this.#patchDataset(request, id)],
      ['DELETE', new RegExp(`^${datasets}/([^/]+)$`), (request, [id]) => this.#deleteDataset(request, id)],
      ['GET', new RegExp(`^${tables}$`), (request, [dataset]) => this.#listTables(request, dataset)],
      ['POST', new RegExp(`^${tables}$`), (request, [dataset]) => this.#createTable(request, dataset)],
      [
        'GET',
        new RegExp(`^${tables}/([^/]+)$`),
        (request, [dataset, name]) => this.#getTable(request, dataset, name),
      ],
      [
        'PATCH',
        new RegExp(`^${tables}/([^/]+)$`),
        (request, [dataset, name]) => this.#patchTable(request, dataset, name),
      ],
      [
        'DELETE',
        new RegExp(`^${tables}/([^/]+)$`),
        (request, [dataset, name]) => this.#deleteTable(request, dataset, name),
      ],
      [
        'GET',
        new RegExp(`^${tables}/([^/]+)/data$`),
        (request, [dataset, name]) => this.#tableData(request, dataset, name),
      ],
      [
        'POST',
        new RegExp(`^${tables}/([^/]+)/insertAll$`),
        (request, [dataset, name]) => this.#insertAll(request, dataset, name),
      ],
    ]
  }

  readonly handle: Handler = async (request) => {
    if (request.path.startsWith('/emulator/')) return this.#control(request)
    if (request.token.split('.')[0] !== this.#token) return unauthorized
    const client = this.#client(request.token)
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
      if (project !== undefined && project !== this.#database.project) {
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

  #client(token: string): ClientState {
    const known = this.#clients.get(token) ?? new ClientState()
    this.#clients.set(token, known)
    return known
  }

  /** What tests set and read: `/emulator/clients/<token>`, `/emulator/jobs?token=`, `/emulator/statements`. */
  #control(request: Request): Reply {
    const [, , what = '', of = ''] = request.path.split('/')
    if (what === 'clients' && request.method === 'PUT') {
      this.#client(of).set(request.json())
      return ok({})
    }
    if (what === 'jobs') {
      const wanted = request.query.get('token')
      const jobs = [...this.#jobs.values()].filter(({ token }) => wanted === null || token === wanted)
      return ok({ jobs: jobs.map((job) => job.resource()) })
    }
    if (what === 'statements') {
      return ok({ ...this.#log.counts() })
    }
    return errorReply(404, 'notFound', request.path)
  }

  // jobs

  #job(request: Request, id = ''): Job {
    const job = this.#jobs.get(id)
    const location = request.query.get('location')
    const places = [job?.location.toLowerCase(), job?.firstLocation.toLowerCase()]
    if (job === undefined || (location !== null && !places.includes(location.toLowerCase()))) {
      throw new BigqueryError(
        'notFound',
        `Not found: Job ${this.#database.project}:${location ?? 'US'}.${id}`,
      )
    }
    return job
  }

  #newJob(request: Request, configuration: JsonObject, reference: Json): Job {
    const id = textMember(reference, 'jobId')
    if (id !== undefined && this.#jobs.has(id)) {
      throw new BigqueryError(
        'duplicate',
        `Already Exists: Job ${this.#database.project}:${this.#jobs.get(id)?.location}.${id}`,
      )
    }
    const job = new Job({
      id,
      project: this.#database.project,
      configuration,
      location: textMember(reference, 'location') ?? 'US',
      token: request.token,
    })
    this.#jobs.set(job.id, job)
    this.#forgetOld()
    return job
  }

  /** Test runs make many thousands of jobs, each with its text and rows. */
  #forgetOld(): void {
    if (this.#jobs.size < 2 * keptJobs) return
    const old = [...this.#jobs.values()].slice(0, keptJobs)
    for (const job of old) if (job.isDone()) this.#jobs.delete(job.id)
    for (const [request, job] of this.#byRequest) if (!this.#jobs.has(job.id)) this.#byRequest.delete(request)
  }

  async #query(request: Request): Promise<Reply> {
    const body = request.json()
    this.#client(request.token).require('bigquery.jobs.create', `Project ${this.#database.project}`)
    if (isTrue(body, 'dryRun')) {
      const dry = await this.#dryRun(request, body, textMember(body, 'location'))
      return ok({
        kind: 'bigquery#queryResponse',
        jobComplete: true,
        schema: schemaJson({ columns: dry.columns }),
        totalBytesProcessed: String(dry.bytes),
        jobReference: { projectId: this.#database.project, location: dry.location },
      })
    }
    const requestId = textMember(body, 'requestId')
    const known = requestId === undefined ? undefined : this.#byRequest.get(requestId)
    const job =
      known ??
      this.#startQuery(
        request,
        { query: pick(body, queryFields), ...pick(body, ['labels']) },
        pick(body, ['location']),
      )
    if (requestId !== undefined) this.#byRequest.set(requestId, job)
    const finished = await job.within(Number(member(body, 'timeoutMs') ?? 10_000))
    if (!finished)
      return ok({ kind: 'bigquery#queryResponse', jobComplete: false, jobReference: job.reference })
    return ok({
      ...this.#page(request, job, {
        start: 0,
        max: member(body, 'maxResults'),
        int64Timestamp: isTrue(body, 'formatOptions', 'useInt64Timestamp'),
      }),
      kind: 'bigquery#queryResponse',
    })
  }

  async #insertJob(request: Request): Promise<Reply> {
    const body = request.json()
    this.#client(request.token).require('bigquery.jobs.create', `Project ${this.#database.project}`)
    const configuration = member(body, 'configuration')
    if (!isObject(configuration))
      throw new BigqueryError('invalid', 'Required parameter is missing: configuration')
    const query = member(configuration, 'query')
    if (query === undefined)
      throw new BigqueryError('notImplemented', 'the BigQuery emulator runs query and upload jobs only')
    const reference = member(body, 'jobReference') ?? null
    if (isTrue(configuration, 'dryRun')) {
      const dry = await this.#dryRun(request, query, textMember(reference, 'location'))
      return ok({
        kind: 'bigquery#job',
        configuration,
        jobReference: { projectId: this.#database.project, location: dry.location },
        status: { state: 'DONE' },
        statistics: {
          creationTime: String(Date.now()),
          totalBytesProcessed: String(dry.bytes),
          query: {
            totalBytesProcessed: String(dry.bytes),
            totalBytesBilled: '0',
            statementType: dry.type,
            schema: schemaJson({ columns: dry.columns }),
          },
        },
      })
    }
    return ok(this.#startQuery(request, configuration, reference).resource())
  }

  async #dryRun(
    request: Request,
    query: Json,
    location: string | undefined,
  ): Promise<Awaited<ReturnType<Engine['dryRun']>> & { readonly location: string }> {
    this.#client(request.token).require('bigquery.jobs.create', `Project ${this.#database.project}`)
    const context = this.#context(query, new Session(this.#database), location, new AbortController().signal)
    const dry = await (await this.#engine()).dryRun(textMember(query, 'query') ?? '', context)
    return { ...dry, location: context.place.location ?? 'US' }
  }

  #context(
    query: Json,
    session: Session,
    location: string | undefined,
    signal: AbortSignal,
  ): Parameters<Engine['run']>[1] {
    const limit = textMember(query, 'maximumBytesBilled')
    if (member(query, 'useLegacySql') === true)
      throw new BigqueryError('notImplemented', 'the BigQuery emulator has no legacy SQL')
    return {
      session,
      signal,
      defaultDataset: textMember(query, 'defaultDataset', 'datasetId'),
      parameters: parametersOf(query),
      place: { location },
      maximumBytesBilled: limit === undefined ? undefined : Number(limit),
    }
  }

  #startQuery(request: Request, configuration: JsonObject, reference: Json): Job {
    const query = member(configuration, 'query') ?? null
    const sql = textMember(query, 'query') ?? ''
    const client = this.#client(request.token)
    const job = this.#newJob(request, configuration, reference)
    const wait = client.next(['delay'], sql)
    const failure = client.next(['job'], sql)
    job.start(async () => {
      if (wait !== undefined) await delay(wait.millis, undefined, { signal: job.controller.signal })
      if (failure !== undefined) throw new BigqueryError(failure.reason, failure.message)
      return await this.#runQuery(client, job, query, sql, textMember(reference, 'location'))
    }, report)
    return job
  }

  async #runQuery(
    client: ClientState,
    job: Job,
    query: Json,
    sql: string,
    location: string | undefined,
  ): Promise<Outcome> {
    const given = listMember(query, 'connectionProperties').find(
      (each) => textMember(each, 'key') === 'session_id',
    )
    let sessionId = textMember(given, 'value')
    let session = sessionId === undefined ? new Session(this.#database) : this.#sessions.get(sessionId)
    if (session === undefined) throw new BigqueryError('notFound', `Not found: Session ${sessionId}`)
    if (isTrue(query, 'createSession')) {
      sessionId = randomUUID()
      session = new Session(this.#database)
      this.#sessions.set(sessionId, session)
    }
    const context = this.#context(query, session, location, job.controller.signal)
    client.require('bigquery.tables.getData', `Project ${this.#database.project}`)
    try {
      const results = await (await this.#engine()).run(sql, context)
      this.#store(query, results)
      if (results.length > 1) job.children = results.map((result) => this.#childOf(job, result))
      return { results, ...(sessionId === undefined ? {} : { sessionId }) }
    } finally {
      job.location = context.place.location ?? job.location
    }
  }

  /** Rows of a query that names a table for them. */
  #store(query: Json, results: Outcome['results']): void {
    const destination = member(query, 'destinationTable')
    const rows = results.at(-1)?.rows
    if (destination === undefined || rows === undefined) return
    const address = {
      dataset: textMember(destination, 'datasetId') ?? '',
      name: textMember(destination, 'tableId') ?? '',
    }
    const { relations } = this.#database.dataset(address.dataset)
    const existing = relations.get(address.name)
    const write = textMember(query, 'writeDisposition') ?? 'WRITE_EMPTY'
    if (existing?.kind === 'table' && write === 'WRITE_APPEND') {
      relations.set(address.name, { ...existing, data: [...existing.data, ...rows.data] })
      return
    }
    if (existing?.kind === 'table' && write === 'WRITE_EMPTY' && existing.data.length > 0) {
      throw new BigqueryError(
        'duplicate',
        `Already Exists: Table ${this.#database.project}:${address.dataset}.${address.name}`,
      )
    }
    relations.set(address.name, newTable(rows.columns, rows.data))
  }

  #childOf(parent: Job, result: Outcome['results'][number]): Job {
    const child = new Job({
      id: `script_job_${randomUUID()}`,
      project: parent.project,
      configuration: { jobType: 'QUERY', query: { query: result.sql, useLegacySql: false } },
      location: parent.location,
      token: parent.token,
      parent,
    })
    child.end({ results: [result] }, undefined)
    this.#jobs.set(child.id, child)
    return child
  }

  async #results(request: Request, id = ''): Promise<Reply> {
    const job = this.#job(request, id)
    const { query } = request
    const finished = await job.within(Number(query.get('timeoutMs') ?? 10_000))
    if (!finished) {
      return ok({ kind: 'bigquery#getQueryResultsResponse', jobComplete: false, jobReference: job.reference })
    }
    return ok(
      this.#page(request, job, {
        start: Number(query.get('pageToken') ?? query.get('startIndex') ?? 0),
        max: query.get('maxResults') ?? undefined,
        int64Timestamp: query.get('formatOptions.useInt64Timestamp') === 'true',
      }),
    )
  }

  #page(
    request: Request,
    job: Job,
    {
      start,
      max,
      int64Timestamp,
    }: { readonly start: number; readonly max: Json | undefined; readonly int64Timestamp: boolean },
  ): JsonObject {
    if (job.error !== undefined) throw job.error
    const { result, rows } = job
    const all = rows === undefined ? [] : rowsOf(rows.data)
    const limit = this.#client(request.token).pageRows
    const end = start + Math.min(Number(max ?? limit), limit)
    const columns = rows?.columns ?? []
    return {
      kind: 'bigquery#getQueryResultsResponse',
      etag: job.id,
      jobReference: job.reference,
      jobComplete: true,
      cacheHit: false,
      totalBytesProcessed: String(job.outcome.results.reduce((sum, each) => sum + each.bytesRead, 0)),
      totalRows: String(all.length),
      ...(rows === undefined ? {} : { schema: schemaJson(rows) }),
      ...(rows === undefined
        ? {}
        : { rows: all.slice(start, end).map((row) => rowJson(row, columns, { int64Timestamp })) }),
      ...(end < all.length ? { pageToken: String(end) } : {}),
      ...(result === undefined ? {} : affectedJson(result)),
      ...(job.outcome.sessionId === undefined ? {} : { sessionInfo: { sessionId: job.outcome.sessionId } }),
    }
  }

  #listJobs(request: Request): Reply {
    const parent = request.query.get('parentJobId')
    const state = request.query.get('stateFilter')?.toUpperCase()
    const jobs = [...this.#jobs.values()].filter(
      (job) =>
        job.token === request.token &&
        (parent === null ? job.parent === undefined : job.parent?.id === parent) &&
        (state === undefined || job.state === state),
    )
    return ok({
      kind: 'bigquery#jobList',
      jobs: jobs.toReversed().map((job) => ({
        ...job.resource(),
        state: job.state,
        ...(job.error === undefined ? {} : { errorResult: errorJson(job.error) }),
      })),
    })
  }

  #cancel(request: Request, id = ''): Reply {
    const job = this.#job(request, id)
    if (!job.isDone()) job.controller.abort()
    return ok({ kind: 'bigquery#jobCancelResponse', job: job.resource() })
  }

  async #upload(request: Request): Promise<Reply> {
    this.#client(request.token).require('bigquery.jobs.create', `Project ${this.#database.project}`)
    const upload = this.#uploads.take(request, this.address)
    if ('status' in upload) return upload
    const configuration = member(upload.metadata, 'configuration')
    const given = member(configuration, 'load')
    if (!isObject(configuration) || given === undefined)
      throw new BigqueryError('invalid', 'an upload that is no load job')
    const job = this.#newJob(request, configuration, member(upload.metadata, 'jobReference') ?? null)
    const client = this.#client(request.token)
    const failure = client.next(['job'], 'load')
    job.start(async () => {
      client.require(
        'bigquery.tables.updateData',
        `Table ${textMember(given, 'destinationTable', 'tableId')}`,
      )
      if (failure !== undefined) throw new BigqueryError(failure.reason, failure.message)
      return { results: [], loaded: load(this.#database, given, upload.data) }
    }, report)
    await job.done
    return ok(job.resource())
  }

  // datasets

  #listDatasets(): Reply {
    const { project, datasets } = this.#database
    return ok({
      kind: 'bigquery#datasetList',
      datasets: [...datasets].map(([id, dataset]) => datasetJson(project, id, dataset)),
    })
  }

  #createDataset(request: Request): Reply {
    const body = request.json()
    this.#client(request.token).require('bigquery.datasets.create', `Project ${this.#database.project}`)
    const id = textMember(body, 'datasetReference', 'datasetId') ?? ''
    const created = this.#database.createDataset(id, {
      location: textMember(body, 'location') ?? 'US',
      description: textMember(body, 'description') ?? '',
      labels: labelsOf(body),
    })
    return ok(datasetJson(this.#database.project, id, created))
  }

  #getDataset(request: Request, id = ''): Reply {
    this.#client(request.token).require('bigquery.datasets.get', `Dataset ${this.#database.project}:${id}`)
    return ok(datasetJson(this.#database.project, id, this.#plainDataset(id)))
  }

  /** The metadata API names no location where a dataset is missing. */
  #plainDataset(id: string): ReturnType<Database['dataset']> {
    const found = this.#database.datasets.get(id)
    if (found === undefined)
      throw new BigqueryError('notFound', `Not found: Dataset ${this.#database.project}:${id}`)
    return found
  }

  #patchDataset(request: Request, id = ''): Reply {
    this.#client(request.token).require('bigquery.datasets.update', `Dataset ${this.#database.project}:${id}`)
    const dataset = this.#plainDataset(id)
    const body = request.json()
    const next = {
      ...dataset,
      description: textMember(body, 'description') ?? dataset.description,
      labels: { ...dataset.labels, ...labelsOf(body) },
    }
    this.#database.datasets.set(id, next)
    return ok(datasetJson(this.#database.project, id, next))
  }

  #deleteDataset(request: Request, id = ''): Reply {
    this.#client(request.token).require('bigquery.datasets.delete', `Dataset ${this.#database.project}:${id}`)
    const { relations } = this.#plainDataset(id)
    if (relations.size > 0 && request.query.get('deleteContents') !== 'true') {
      throw new BigqueryError('resourceInUse', `Dataset ${this.#database.project}:${id} is still in use`)
    }
    this.#database.datasets.delete(id)
    return { status: 204 }
  }

  // tables

  #plainTable(
    dataset: string,
    name: string,
  ): ReturnType<Database['dataset']>['relations'] extends Map<string, infer R> ? R : never {
    const found = this.#plainDataset(dataset).relations.get(name)
    if (found === undefined) {
      throw new BigqueryError('notFound', `Not found: Table ${this.#database.project}:${dataset}.${name}`)
    }
    return found
  }

  #listTables(request: Request, dataset = ''): Reply {
    this.#client(request.token).require(
      'bigquery.tables.list',
      `Dataset ${this.#database.project}:${dataset}`,
    )
    const { relations, location } = this.#plainDataset(dataset)
    const all = [...relations].toSorted(([left], [right]) => (left < right ? -1 : 1))
    const start = Number(request.query.get('pageToken') ?? 0)
    const end = start + Number(request.query.get('maxResults') ?? 50)
    return ok({
      kind: 'bigquery#tableList',
      totalItems: all.length,
      tables: all
        .slice(start, end)
        .map(([name, of]) => tableJson(this.#database.project, dataset, name, of, location)),
      ...(end < all.length ? { nextPageToken: String(end) } : {}),
    })
  }

  #createTable(request: Request, dataset = ''): Reply {
    const body = request.json()
    this.#client(request.token).require(
      'bigquery.tables.create',
      `Dataset ${this.#database.project}:${dataset}`,
    )
    const name = textMember(body, 'tableReference', 'tableId') ?? ''
    checkTableName(name)
    const { relations, location } = this.#plainDataset(dataset)
    if (relations.has(name)) {
      throw new BigqueryError(
        'duplicate',
        `Already Exists: Table ${this.#database.project}:${dataset}.${name}`,
      )
    }
    if (member(body, 'view') !== undefined)
      throw new BigqueryError('notImplemented', 'the BigQuery emulator makes views by SQL only')
    const columns = columnsOfSchema(listMember(body, 'schema', 'fields'))
    checkColumns(columns)
    const field = textMember(body, 'timePartitioning', 'field')
    const clusters = listMember(body, 'clustering', 'fields').map(String)
    const table = {
      ...newTable(columns, []),
      partitionBy: field?.toLowerCase() ?? '',
      clusterBy: clusters.join(' , ').toLowerCase(),
    }
    relations.set(name, table)
    return ok(tableJson(this.#database.project, dataset, name, table, location))
  }

  #getTable(request: Request, dataset = '', name = ''): Reply {
    this.#client(request.token).require(
      'bigquery.tables.get',
      `Table ${this.#database.project}:${dataset}.${name}`,
    )
    const found = this.#plainTable(dataset, name)
    return ok(tableJson(this.#database.project, dataset, name, found, this.#plainDataset(dataset).location))
  }

  #patchTable(request: Request, dataset = '', name = ''): Reply {
    this.#client(request.token).require(
      'bigquery.tables.update',
      `Table ${this.#database.project}:${dataset}.${name}`,
    )
    const found = this.#plainTable(dataset, name)
    const body = request.json()
    const description = textMember(body, 'description')
    const labels = Object.entries(labelsOf(body)).map(
      ([key, value]) => `(${JSON.stringify(key)}, ${JSON.stringify(value)})`,
    )
    const options = new Map(found.options)
    if (description !== undefined) options.set('description', JSON.stringify(description))
    if (labels.length > 0) options.set('labels', `[${labels.join(', ')}]`)
    if (member(body, 'schema') !== undefined) {
      throw new BigqueryError('notImplemented', 'the BigQuery emulator changes columns by SQL only')
    }
    const next = { ...found, options, modified: Date.now() }
    this.#plainDataset(dataset).relations.set(name, next)
    return ok(tableJson(this.#database.project, dataset, name, next, this.#plainDataset(dataset).location))
  }

  #deleteTable(request: Request, dataset = '', name = ''): Reply {
    this.#client(request.token).require(
      'bigquery.tables.delete',
      `Table ${this.#database.project}:${dataset}.${name}`,
    )
    this.#plainTable(dataset, name)
    this.#plainDataset(dataset).relations.delete(name)
    return { status: 204 }
  }

  #tableData(request: Request, dataset = '', name = ''): Reply {
    this.#client(request.token).require(
      'bigquery.tables.getData',
      `Table ${this.#database.project}:${dataset}.${name}`,
    )
    const found = this.#plainTable(dataset, name)
    if (found.kind === 'view') {
      throw new BigqueryError('invalid', `Cannot list a table of type VIEW.`)
    }
    const { query } = request
    const all = rowsOf(found.data)
    const limit = this.#client(request.token).pageRows
    const start = Number(query.get('pageToken') ?? query.get('startIndex') ?? 0)
    const end = start + Math.min(Number(query.get('maxResults') ?? limit), limit)
    const int64Timestamp = query.get('formatOptions.useInt64Timestamp') === 'true'
    return ok({
      kind: 'bigquery#tableDataList',
      totalRows: String(all.length),
      rows: all.slice(start, end).map((row) => rowJson(row, found.columns, { int64Timestamp })),
      ...(end < all.length ? { pageToken: String(end) } : {}),
    })
  }

  #insertAll(request: Request, dataset = '', name = ''): Reply {
    this.#client(request.token).require(
      'bigquery.tables.updateData',
      `Table ${this.#database.project}:${dataset}.${name}`,
    )
    const found = this.#plainTable(dataset, name)
    if (found.kind === 'view') throw new BigqueryError('invalid', 'Cannot insert into a view.')
    const { rows, errors } = insertAll(found, request.json())
    if (rows.length > 0) {
      const data = [...found.data, Buffer.concat(rows)]
      this.#plainDataset(dataset).relations.set(name, { ...found, data, modified: Date.now() })
    }
    return ok({
      kind: 'bigquery#tableDataInsertAllResponse',
      ...(errors.length > 0 ? { insertErrors: errors } : {}),
    })
  }
}

const keptJobs = 2000

const queryFields = [
  ...['query', 'defaultDataset', 'queryParameters', 'parameterMode', 'useLegacySql', 'maximumBytesBilled'],
  ...['connectionProperties', 'createSession', 'useQueryCache'],
]

function pick(of: Json, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = member(of, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function labelsOf(body: Json): Readonly<Record<string, string>> {
  const labels = member(body, 'labels')
  return isObject(labels)
    ? Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]))
    : {}
}

function ok(json: JsonObject): Reply {
  return { status: 200, json }
}

function report(error: unknown): void {
  console.error('BigQuery emulator:', error)
}

const unauthorized = errorReply(
  401,
  'authError',
  'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  { location: 'Authorization', locationType: 'header' },
)
