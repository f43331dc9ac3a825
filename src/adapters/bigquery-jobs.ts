import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { BigQuery, Job, JobMetadata } from '@google-cloud/bigquery'
import { problem } from '../diagnostics/problem.ts'
import {
  bigqueryError,
  isDuplicate,
  isMissing,
  isPassing,
  mayHaveArrived,
  type Place,
} from './bigquery-errors.ts'
import type { Retries } from './bigquery-settings.ts'
import type { BigqueryField, BigqueryRow } from './bigquery-values.ts'
import { WarehouseError } from './warehouse-error.ts'

export type JobConfiguration = NonNullable<JobMetadata['configuration']>

export interface Answer {
  readonly fields: readonly BigqueryField[]
  readonly rows: readonly BigqueryRow[]
  readonly affected: number
  readonly statistics: JobMetadata['statistics']
}

/** A page of `jobs.getQueryResults`. */
interface Page {
  readonly jobComplete?: boolean
  readonly schema?: { readonly fields?: readonly BigqueryField[] }
  readonly rows?: readonly BigqueryRow[]
  readonly pageToken?: string
  readonly numDmlAffectedRows?: string
}

/**
 * Runs query jobs under ids of our own choice: where the answer to one is lost, BigQuery is asked what has become of the
 * job, and nothing is sent twice that may have been done.
 */
export class BigqueryJobs {
  readonly #client: BigQuery
  readonly #place: Place
  readonly #retries: Retries
  readonly #running = new Set<Job>()
  #closed = false

  constructor(client: BigQuery, place: Place, retries: Retries) {
    this.#client = client
    this.#place = place
    this.#retries = retries
  }

  /**
   * @param rows whether they are wanted
   * @throws {WarehouseError} what BigQuery said, once a job has failed more often than may be for a passing reason
   */
  async run(configuration: JobConfiguration, rows: boolean): Promise<Answer> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#runOnce(configuration, rows)
      } catch (error) {
        // A job that has failed has done nothing.
        if (attempt >= this.#retries.times || !isPassing(error)) throw bigqueryError(error, this.#place)
        await this.#pause(attempt)
      }
    }
  }

  /** The rows of a query a page at a time; a page that is lost on the way fails the whole. @throws {WarehouseError} */
  async *stream(configuration: JobConfiguration): AsyncIterable<Pick<Answer, 'fields' | 'rows'>> {
    let job: Job | undefined
    try {
      job = await this.#start(configuration)
      this.#running.add(job)
      let fields: readonly BigqueryField[] = []
      let pageToken: string | undefined
      do {
        const page = await this.#page(job, true, pageToken)
        if (page.jobComplete === false) continue
        if (fields.length === 0) fields = page.schema?.fields ?? []
        if (page.rows !== undefined) yield { fields, rows: page.rows }
        pageToken = page.pageToken ?? ''
      } while (pageToken !== '')
    } catch (error) {
      throw bigqueryError(error, this.#place)
    } finally {
      if (job !== undefined) this.#running.delete(job)
    }
  }

  /** What BigQuery would do, without doing it. @throws {WarehouseError} */
  async dryRun(query: string): Promise<JobMetadata['statistics']> {
    try {
      const [job] = await this.#client.createQueryJob({ query, dryRun: true, ...this.#located() })
      return job.metadata.statistics
    } catch (error) {
      throw bigqueryError(error, this.#place)
    }
  }

  /** Asks BigQuery to stop what runs. */
  async cancel(): Promise<void> {
    await Promise.all(
      [...this.#running].map(async (job) => {
        try {
          await job.cancel()
        } catch (error) {
          // It may have ended by itself.
          if (!isMissing(error)) throw bigqueryError(error, this.#place)
        }
      }),
    )
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#closed = true
  }

  async #runOnce(configuration: JobConfiguration, wanted: boolean): Promise<Answer> {
    if (this.#closed) {
      throw new WarehouseError(problem('PSN4009', { message: 'it was closed' }), { cause: undefined })
    }
    const job = await this.#start(configuration)
    this.#running.add(job)
    try {
      const fields: BigqueryField[] = []
      const rows: BigqueryRow[] = []
      let pageToken: string | undefined
      let affected = 0
      for (;;) {
        const page = await this.#page(job, wanted, pageToken)
        if (page.jobComplete === false) continue
        if (fields.length === 0) fields.push(...(page.schema?.fields ?? []))
        affected = Number(page.numDmlAffectedRows ?? 0)
        if (!wanted) break
        for (const row of page.rows ?? []) rows.push(row)
        pageToken = page.pageToken
        if (pageToken === undefined || pageToken === '') break
      }
      return {
        fields,
        rows,
        affected: affected || (await this.#affectedBy(job)),
        statistics: job.metadata?.statistics,
      }
    } finally {
      this.#running.delete(job)
    }
  }

  async #start(configuration: JobConfiguration): Promise<Job> {
    const jobId = `personas_${randomUUID()}`
    const location = this.#located()
    for (let attempt = 0; ; attempt += 1) {
      try {
        const [job] = await this.#client.createJob({ jobId, configuration, ...location })
        return job
      } catch (error) {
        if (!isDuplicate(error)) {
          if (!mayHaveArrived(error) || attempt >= this.#retries.times) throw error
          await this.#pause(attempt)
        }
        const found = await this.#find(jobId)
        if (found !== undefined) return found
      }
    }
  }

  async #find(jobId: string): Promise<Job | undefined> {
    const job = this.#client.job(jobId, this.#located())
    try {
      await job.getMetadata()
      return job
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  #page(job: Job, wanted: boolean, pageToken: string | undefined): Promise<Page> {
    return new Promise((resolve, reject) => {
      this.#client.request(
        {
          uri: `/queries/${job.id}`,
          qs: {
            location: job.location ?? this.#place.location,
            'formatOptions.useInt64Timestamp': true,
            ...(wanted ? {} : { maxResults: 0 }),
            ...(pageToken === undefined ? {} : { pageToken }),
          },
        },
        (error, page: Page) => (error === null ? resolve(page) : reject(error)),
      )
    })
  }

  /** A script tells it of each of its statements only; the last that changed rows began last. */
  async #affectedBy(job: Job): Promise<number> {
    const [metadata] = await job.getMetadata()
    if (metadata.statistics?.query?.statementType !== 'SCRIPT') return 0
    const [children] = await this.#client.getJobs({ parentJobId: job.id ?? '', ...this.#located() })
    const counts = children.flatMap(({ metadata: child }) => {
      const rows = child?.statistics?.query?.numDmlAffectedRows
      return rows === undefined ? [] : [Number(rows)]
    })
    return counts[0] ?? 0
  }

  #located(): { readonly location?: string } {
    return this.#place.location === undefined ? {} : { location: this.#place.location }
  }

  #pause(attempt: number): Promise<void> {
    const seconds = this.#retries.firstDelaySeconds * 2 ** Math.min(attempt, 5)
    return delay(seconds * 1000 * (0.5 + Math.random() / 2))
  }
}
