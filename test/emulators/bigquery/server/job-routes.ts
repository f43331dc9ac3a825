import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Database, newTable, rowsOf } from '../engine/database.ts'
import type { Engine } from '../engine/engine.ts'
import { BigqueryError } from '../engine/errors.ts'
import { Session } from '../engine/session.ts'
import { isObject, isTrue, type Json, type JsonObject, listMember, member, textMember } from '../json.ts'
import { rowJson } from '../values/decode.ts'
import type { ClientState, Clients } from './clients.ts'
import { ok, type Reply, type Request, type Route } from './http.ts'
import { affectedJson, errorJson, Job, type Outcome, schemaJson } from './jobs.ts'
import { load } from './loads.ts'
import { parametersOf } from './parameters.ts'
import { Uploads } from './uploads.ts'

/** `jobs` and `queries` of the API. */
export class JobRoutes {
  readonly routes: readonly Route[] = [
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
  ]
  readonly #database: Database
  readonly #engine: () => Promise<Engine>
  readonly #clients: Clients
  readonly #jobs = new Map<string, Job>()
  readonly #byRequest = new Map<string, Job>()
  readonly #sessions = new Map<string, Session>()
  readonly #uploads = new Uploads()

  constructor(database: Database, engine: () => Promise<Engine>, clients: Clients) {
    this.#database = database
    this.#engine = engine
    this.#clients = clients
  }

  /** Resources of the jobs that a token has begun, oldest first. */
  begunBy(token: string | null): readonly JsonObject[] {
    const jobs = [...this.#jobs.values()].filter((job) => token === null || job.token === token)
    return jobs.map((job) => job.resource())
  }

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
    this.#clients.of(request.token).require('bigquery.jobs.create', `Project ${this.#database.project}`)
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
    this.#clients.of(request.token).require('bigquery.jobs.create', `Project ${this.#database.project}`)
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
    const client = this.#clients.of(request.token)
    client.require('bigquery.jobs.create', `Project ${this.#database.project}`)
    const { signal } = new AbortController()
    const context = this.#context(client, query, new Session(this.#database), location, signal)
    const dry = await (await this.#engine()).dryRun(textMember(query, 'query') ?? '', context)
    return { ...dry, location: context.place.location ?? 'US' }
  }

  #context(
    client: ClientState,
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
      require: (permission, on) => client.require(permission, on),
    }
  }

  #startQuery(request: Request, configuration: JsonObject, reference: Json): Job {
    const query = member(configuration, 'query') ?? null
    const sql = textMember(query, 'query') ?? ''
    const client = this.#clients.of(request.token)
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
    const context = this.#context(client, query, session, location, job.controller.signal)
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
    const limit = this.#clients.of(request.token).pageRows
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
    this.#clients.of(request.token).require('bigquery.jobs.create', `Project ${this.#database.project}`)
    const upload = this.#uploads.take(request)
    if ('status' in upload) return upload
    const configuration = member(upload.metadata, 'configuration')
    const given = member(configuration, 'load')
    if (!isObject(configuration) || given === undefined)
      throw new BigqueryError('invalid', 'an upload that is no load job')
    const job = this.#newJob(request, configuration, member(upload.metadata, 'jobReference') ?? null)
    const client = this.#clients.of(request.token)
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

function report(error: unknown): void {
  console.error('BigQuery emulator:', error)
}
