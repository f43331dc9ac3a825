import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { BigQuery, TableSchema } from '@google-cloud/bigquery'
import type { BigqueryTarget } from '../config/config.ts'
import { bigquery as dialect } from '../dialects/bigquery.ts'
import type { Catalog, CatalogColumn } from '../ir/catalog.ts'
import type { Relation } from '../ir/relation.ts'
import type { ValueType } from '../ir/value-type.ts'
import type { Adapter, Row, RunLock, TextRow, Value } from './adapter.ts'
import { bigqueryError, isDenied, isMissing, type Place } from './bigquery-errors.ts'
import { BigqueryJobs, type JobConfiguration } from './bigquery-jobs.ts'
import { jobLabels } from './bigquery-labels.ts'
import { openClient, retriesOf } from './bigquery-settings.ts'
import { bigqueryColumnType, jsonLine, loadType, valuesOf } from './bigquery-values.ts'
import { groupColumns } from './catalog-tables.ts'
import { type CsvType, readCsv } from './csv-rows.ts'
import { tryLease } from './lease-lock.ts'
import { textRows } from './text-rows.ts'
import { WarehouseError } from './warehouse-error.ts'

/** @throws {WarehouseError} the client is not installed, no credentials, no answer, or no right to run jobs */
export async function openBigquery(target: BigqueryTarget): Promise<Adapter> {
  const client = await openClient(target)
  const { project, dataset } = target.settings
  const unplaced = { project, dataset, location: target.settings.location }
  const location = target.settings.location ?? (await locationOf(client, project, target.schema, unplaced))
  const adapter = new BigqueryAdapter(target, client, { project, dataset, location })
  await adapter.version()
  return adapter
}

/** Jobs run where the data is: asked once, it need not be asked for each job that is looked up. */
async function locationOf(
  client: BigQuery,
  project: string,
  schema: string,
  place: Place,
): Promise<string | undefined> {
  try {
    const [{ location }] = await client.dataset(schema, { projectId: project }).getMetadata()
    return typeof location === 'string' ? location : undefined
  } catch (error) {
    // It is made by the first run, where BigQuery puts it by itself.
    if (isMissing(error)) return undefined
    // Whoever may not look at it may still be allowed to work in it.
    if (isDenied(error)) return undefined
    throw bigqueryError(error, place)
  }
}

const csvTypes: Readonly<Record<CsvType, string>> = {
  VARCHAR: 'STRING',
  BIGINT: 'INT64',
  DOUBLE: 'FLOAT64',
  BOOLEAN: 'BOOL',
  DATE: 'DATE',
  TIMESTAMP: 'DATETIME',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP',
}

/** Long enough for a job that waits for others on its table. */
const leaseSeconds = 180

class BigqueryAdapter implements Adapter {
  readonly dialect = dialect
  readonly #target: BigqueryTarget
  readonly #client: BigQuery
  readonly #place: Place
  readonly #jobs: BigqueryJobs

  constructor(target: BigqueryTarget, client: BigQuery, place: Place) {
    this.#target = target
    this.#client = client
    this.#place = place
    this.#jobs = new BigqueryJobs(client, place, retriesOf(target))
  }

  async version(): Promise<string> {
    await this.#jobs.dryRun('select 1 as one')
    return this.#place.location === undefined ? 'BigQuery' : `BigQuery in ${this.#place.location}`
  }

  async execute(sql: string): Promise<number> {
    try {
      return (await this.#jobs.run(this.#query(sql), false)).affected
    } catch (error) {
      const schema = /create schema if not exists `?([^\s`]+)`?\s*$/.exec(sql)?.[1]
      // It asks for the right to create even where there is nothing to do.
      if (schema !== undefined && error instanceof WarehouseError && error.code === 'PSN4032') {
        const [there] = await this.#dataset(schema).exists()
        if (there) return 0
      }
      throw error
    }
  }

  async query(sql: string, parameters: readonly Value[] = []): Promise<readonly Row[]> {
    const { fields, rows } = await this.#jobs.run(this.#query(sql, parameters), true)
    return rows.map((row) => valuesOf(fields, row))
  }

  async queryTexts(select: string, column: string): Promise<readonly TextRow[]> {
    return textRows(await this.query(select), column)
  }

  async *stream(select: string): AsyncIterable<readonly Row[]> {
    for await (const { fields, rows } of this.#jobs.stream(this.#query(select)))
      yield rows.map((row) => valuesOf(fields, row))
  }

  async scannedBytes(sql: string): Promise<bigint | undefined> {
    const statistics = await this.#jobs.dryRun(sql.replace(tableAs, ''))
    return BigInt(statistics?.totalBytesProcessed ?? 0)
  }

  async transaction(statements: readonly string[]): Promise<number> {
    if (statements.length === 0) return 0
    const script = ['begin transaction', ...statements, 'commit transaction']
      .map((sql) => `${sql};`)
      .join('\n')
    // The tag stands before each statement; that of the first tells the labels of the whole.
    const { affected } = await this.#jobs.run(this.#query(script, [], statements[0]), false)
    return affected
  }

  async catalog(schemas: readonly string[]): Promise<Catalog> {
    const found = await Promise.all([...new Set(schemas)].map((schema) => this.#columnsOf(schema)))
    return groupColumns(found.flat())
  }

  async describe(select: string): Promise<readonly CatalogColumn[]> {
    // In parentheses, only a select.
    const statistics = await this.#jobs.dryRun(`select * from (\n${select}\n) as described limit 0`)
    const fields = statistics?.query?.schema?.fields ?? []
    return fields.map(({ name = '', type = '', mode }) => ({ name, type: bigqueryColumnType(type, mode) }))
  }

  async load(
    target: Relation,
    columns: readonly { name: string; type: ValueType }[],
    rows: AsyncIterable<readonly Value[]>,
  ): Promise<number> {
    const names = columns.map(({ name }) => name)
    async function* lines(): AsyncGenerator<string> {
      for await (const row of rows) yield jsonLine(names, row)
    }
    const fields = columns.map(({ name, type }) => ({ name, type: loadType(type) }))
    return await this.#load(target, { fields }, lines())
  }

  async loadCsv(target: Relation, file: string): Promise<number> {
    const csv = await readCsv(file)
    try {
      const names = csv.columns.map(({ name }) => name)
      async function* lines(): AsyncGenerator<string> {
        for await (const row of csv.rows) yield jsonLine(names, row)
      }
      const fields = csv.columns.map(({ name, type }) => ({ name, type: csvTypes[type] }))
      return await this.#load(target, { fields }, lines())
    } finally {
      csv.close()
    }
  }

  async tryLock(schema: string): Promise<RunLock | undefined> {
    return await tryLease(
      { adapter: this, dialect, now: 'current_timestamp()', seconds: leaseSeconds },
      schema,
    )
  }

  cancel(): Promise<void> {
    return this.#jobs.cancel()
  }

  async close(): Promise<void> {
    this.#jobs.close()
  }

  async #columnsOf(
    schema: string,
  ): Promise<readonly { schema: string; table: string; column: CatalogColumn }[]> {
    const { project } = this.#place
    const columns = dialect.relation({ database: project, schema, name: 'INFORMATION_SCHEMA' })
    try {
      const rows = await this.query(
        `select table_name, column_name, data_type from ${columns}.COLUMNS where is_hidden = 'NO' order by table_name, ordinal_position`,
      )
      return rows.map((row) => ({
        schema,
        table: String(row.table_name),
        column: { name: String(row.column_name), type: bigqueryColumnType(String(row.data_type)) },
      }))
    } catch (error) {
      if (error instanceof WarehouseError && isMissing(error)) return []
      throw error
    }
  }

  #query(sql: string, parameters: readonly Value[] = [], tagged = sql): JobConfiguration {
    const { settings } = this.#target
    return {
      labels: { ...jobLabels(tagged, settings.job_labels) },
      query: {
        query: parameters.length === 0 ? sql : named(sql),
        useLegacySql: false,
        ...(settings.maximum_bytes_billed === undefined
          ? {}
          : { maximumBytesBilled: `${settings.maximum_bytes_billed}` }),
        ...(parameters.length === 0
          ? {}
          : { parameterMode: 'NAMED', queryParameters: parameters.map(parameterOf) }),
      },
    }
  }

  #dataset(schema: string) {
    return this.#client.dataset(schema, { projectId: this.#place.project })
  }

  async #load(target: Relation, schema: TableSchema, lines: AsyncIterable<string>): Promise<number> {
    const stream = this.#dataset(target.schema)
      .table(target.name)
      .createWriteStream({
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        schema,
        writeDisposition: 'WRITE_TRUNCATE',
        ...(this.#place.location === undefined ? {} : { location: this.#place.location }),
      })
    try {
      const loaded = new Promise<number>((resolve, reject) => {
        stream.on('error', reject)
        stream.on('complete', (job: { metadata: { statistics?: { load?: { outputRows?: string } } } }) =>
          resolve(Number(job.metadata.statistics?.load?.outputRows ?? 0)),
        )
      })
      const [, rows] = await Promise.all([pipeline(Readable.from(inBlocks(lines)), stream), loaded])
      return rows
    } catch (error) {
      throw bigqueryError(error, this.#place)
    }
  }
}

/** What stands before the select of a table that is made: the dataset it goes to may not be there yet. */
const tableAs = /^(?:--[^\n]*\n|\s)*create or replace table [^\n]+(?:\ncluster by [^\n]+)? as\n/

/** `$1` as `@p1`, but for what stands in quotes or in a comment. */
function named(sql: string): string {
  return sql.replaceAll(
    /'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|--[^\n]*|\/\*.*?\*\/|\$(\d+)/gs,
    (found, number: string | undefined) => (number === undefined ? found : `@p${number}`),
  )
}

function parameterOf(value: Value, index: number) {
  const type =
    typeof value === 'bigint'
      ? 'INT64'
      : typeof value === 'number'
        ? 'FLOAT64'
        : typeof value === 'boolean'
          ? 'BOOL'
          : 'STRING'
  return {
    name: `p${index + 1}`,
    parameterType: { type },
    parameterValue: value === null ? {} : { value: String(value) },
  }
}

/** One message a line would cost more than the lines. */
async function* inBlocks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let block = ''
  for await (const line of lines) {
    block += line
    if (block.length > 262_144) {
      yield block
      block = ''
    }
  }
  if (block !== '') yield block
}
