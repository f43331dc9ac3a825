import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Rows } from '../engine/analysis.ts'
import { BigqueryError, statusOf } from '../engine/errors.ts'
import type { Result } from '../engine/results.ts'
import type { Json, JsonObject } from '../json.ts'
import { fieldSchema } from '../values/types.ts'

/** What a job has come to. */
export interface Outcome {
  readonly results: readonly Result[]
  /** Of a load. */
  readonly loaded?: { readonly rows: number; readonly bytes: number }
  readonly bytes?: number
  readonly sessionId?: string
}

/** A job, whatever it does; its resource is kept for as long as the emulator runs. */
export class Job {
  readonly id: string
  readonly project: string
  readonly configuration: JsonObject
  readonly created = Date.now()
  readonly controller = new AbortController()
  readonly token: string
  readonly parent: Job | undefined
  /** Where the job was said to run when it was begun: who asks for it names that, even if it has turned out otherwise. */
  readonly firstLocation: string
  location: string
  state: 'RUNNING' | 'DONE' = 'RUNNING'
  ended: number | undefined
  error: BigqueryError | undefined
  outcome: Outcome = { results: [] }
  children: readonly Job[] = []
  done: Promise<void> = Promise.resolve()

  constructor(given: {
    readonly id?: string | undefined
    readonly project: string
    readonly configuration: JsonObject
    readonly location: string
    readonly token: string
    readonly parent?: Job
  }) {
    this.id = given.id ?? `job_${randomUUID()}`
    this.project = given.project
    this.configuration = given.configuration
    this.firstLocation = given.location
    this.location = given.location
    this.token = given.token
    this.parent = given.parent
  }

  /** Starts the work; a cancelled job is over at once, whatever its statement still does. */
  start(work: () => Promise<Outcome>, unexpected: (error: unknown) => void): void {
    const cancelled = new Promise<never>((_, reject) =>
      this.controller.signal.addEventListener('abort', () =>
        reject(new BigqueryError('stopped', 'Job execution was cancelled: User requested cancellation')),
      ),
    )
    this.done = Promise.race([work(), cancelled]).then(
      (outcome) => this.end(outcome, undefined),
      (error: unknown) => {
        if (!(error instanceof BigqueryError)) unexpected(error)
        const known =
          error instanceof BigqueryError
            ? error
            : new BigqueryError('internalError', error instanceof Error ? error.message : String(error))
        this.end({ results: [] }, known)
      },
    )
    cancelled.catch(() => {})
  }

  end(outcome: Outcome, error: BigqueryError | undefined): void {
    this.outcome = outcome
    this.error = error
    this.state = 'DONE'
    this.ended = Date.now()
  }

  /** Whether it is over within this time. */
  async within(millis: number): Promise<boolean> {
    if (this.state === 'DONE') return true
    const controller = new AbortController()
    await Promise.race([this.done, delay(millis, undefined, { signal: controller.signal }).catch(() => {})])
    controller.abort()
    return this.isDone()
  }

  isDone(): boolean {
    return this.state === 'DONE'
  }

  /** The last statement that is more than control of a transaction. */
  get result(): Result | undefined {
    return this.outcome.results.findLast(({ type }) => !type.endsWith('_TRANSACTION'))
  }

  get rows(): Rows | undefined {
    return this.result?.rows
  }

  get reference(): JsonObject {
    return { projectId: this.project, jobId: this.id, location: this.location }
  }

  resource(): JsonObject {
    const error = this.error === undefined ? undefined : errorJson(this.error)
    return {
      kind: 'bigquery#job',
      etag: this.id,
      id: `${this.project}:${this.location}.${this.id}`,
      jobReference: this.reference,
      configuration: this.configuration,
      status: { state: this.state, ...(error === undefined ? {} : { errorResult: error, errors: [error] }) },
      statistics: this.#statistics(),
      user_email: 'tests@example.iam.gserviceaccount.com',
    }
  }

  #statistics(): JsonObject {
    const { results, loaded, bytes, sessionId } = this.outcome
    const processed = bytes ?? results.reduce((sum, each) => sum + each.bytesRead, 0)
    return {
      creationTime: String(this.created),
      startTime: String(this.created),
      ...(this.ended === undefined ? {} : { endTime: String(this.ended) }),
      totalBytesProcessed: String(processed),
      ...(this.children.length === 0 ? {} : { numChildJobs: String(this.children.length) }),
      ...(this.parent === undefined ? {} : { parentJobId: this.parent.id }),
      ...(sessionId === undefined ? {} : { sessionInfo: { sessionId } }),
      ...(loaded === undefined
        ? {}
        : {
            load: {
              inputFiles: '1',
              inputFileBytes: String(loaded.bytes),
              outputRows: String(loaded.rows),
              outputBytes: String(loaded.bytes),
              badRecords: '0',
            },
          }),
      ...(results.length === 0 ? {} : { query: queryStatistics(results, this.project, processed) }),
    }
  }
}

function queryStatistics(results: readonly Result[], project: string, processed: number): JsonObject {
  const [only] = results
  const result = results.length === 1 ? only : undefined
  return {
    statementType: result?.type ?? 'SCRIPT',
    totalBytesProcessed: String(processed),
    totalBytesBilled: String(processed),
    cacheHit: false,
    ...(result === undefined ? {} : affectedJson(result)),
    ...(result?.rows === undefined ? {} : { schema: schemaJson(result.rows) }),
    ...(result?.target?.dataset === undefined || result.affected !== undefined
      ? {}
      : {
          ddlTargetTable: {
            projectId: project,
            datasetId: result.target.dataset,
            tableId: result.target.name,
          },
        }),
  }
}

export function affectedJson({ affected }: Result): JsonObject {
  if (affected === undefined) return {}
  const { inserted, updated, deleted } = affected
  return {
    numDmlAffectedRows: String(inserted + updated + deleted),
    dmlStats: {
      insertedRowCount: String(inserted),
      updatedRowCount: String(updated),
      deletedRowCount: String(deleted),
    },
  }
}

export function schemaJson(rows: Pick<Rows, 'columns'>): Json {
  return { fields: rows.columns.map((each) => fieldJson(fieldSchema(each))) }
}

function fieldJson({ fields, ...rest }: ReturnType<typeof fieldSchema>): JsonObject {
  return fields === undefined ? rest : { ...rest, fields: fields.map(fieldJson) }
}

export function errorJson(error: BigqueryError): JsonObject {
  return {
    reason: error.reason,
    message: error.message,
    ...(error.location === undefined ? {} : { location: error.location }),
  }
}

/** 499 is what the API answers to who asks for the rows of a cancelled job. */
export function httpStatus(error: BigqueryError): number {
  return error.reason === 'stopped' ? 499 : statusOf[error.reason]
}
