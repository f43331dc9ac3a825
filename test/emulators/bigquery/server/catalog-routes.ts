import { type Database, type Dataset, newTable, type Relation, rowsOf } from '../engine/database.ts'
import { BigqueryError } from '../engine/errors.ts'
import { checkColumns, checkTableName } from '../engine/tables.ts'
import { isObject, type Json, listMember, member, textMember } from '../json.ts'
import { rowJson } from '../values/decode.ts'
import type { Clients } from './clients.ts'
import { ok, type Reply, type Request, type Route } from './http.ts'
import { columnsOfSchema, insertAll } from './loads.ts'
import { datasetJson, tableJson } from './resources.ts'

const datasets = '/projects/[^/]+/datasets'
const tables = `${datasets}/([^/]+)/tables`

/** `datasets`, `tables` and `tabledata` of the API. */
export class CatalogRoutes {
  readonly routes: readonly Route[] = [
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
  readonly #database: Database
  readonly #clients: Clients

  constructor(database: Database, clients: Clients) {
    this.#database = database
    this.#clients = clients
  }

  #listDatasets(): Reply {
    const { project, datasets } = this.#database
    return ok({
      kind: 'bigquery#datasetList',
      datasets: [...datasets].map(([id, dataset]) => datasetJson(project, id, dataset)),
    })
  }

  #createDataset(request: Request): Reply {
    const body = request.json()
    this.#clients.of(request.token).require('bigquery.datasets.create', `Project ${this.#database.project}`)
    const id = textMember(body, 'datasetReference', 'datasetId') ?? ''
    const created = this.#database.createDataset(id, {
      location: textMember(body, 'location') ?? 'US',
      description: textMember(body, 'description') ?? '',
      labels: labelsOf(body),
    })
    return ok(datasetJson(this.#database.project, id, created))
  }

  #getDataset(request: Request, id = ''): Reply {
    this.#clients
      .of(request.token)
      .require('bigquery.datasets.get', `Dataset ${this.#database.project}:${id}`)
    return ok(datasetJson(this.#database.project, id, this.#plainDataset(id)))
  }

  /** The metadata API names no location where a dataset is missing. */
  #plainDataset(id: string): Dataset {
    const found = this.#database.datasets.get(id)
    if (found === undefined)
      throw new BigqueryError('notFound', `Not found: Dataset ${this.#database.project}:${id}`)
    return found
  }

  #patchDataset(request: Request, id = ''): Reply {
    this.#clients
      .of(request.token)
      .require('bigquery.datasets.update', `Dataset ${this.#database.project}:${id}`)
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
    this.#clients
      .of(request.token)
      .require('bigquery.datasets.delete', `Dataset ${this.#database.project}:${id}`)
    const { relations } = this.#plainDataset(id)
    if (relations.size > 0 && request.query.get('deleteContents') !== 'true') {
      throw new BigqueryError('resourceInUse', `Dataset ${this.#database.project}:${id} is still in use`)
    }
    this.#database.datasets.delete(id)
    return { status: 204 }
  }

  #plainTable(dataset: string, name: string): Relation {
    const found = this.#plainDataset(dataset).relations.get(name)
    if (found === undefined) {
      throw new BigqueryError('notFound', `Not found: Table ${this.#database.project}:${dataset}.${name}`)
    }
    return found
  }

  #listTables(request: Request, dataset = ''): Reply {
    this.#clients
      .of(request.token)
      .require('bigquery.tables.list', `Dataset ${this.#database.project}:${dataset}`)
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
    this.#clients
      .of(request.token)
      .require('bigquery.tables.create', `Dataset ${this.#database.project}:${dataset}`)
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
    this.#clients
      .of(request.token)
      .require('bigquery.tables.get', `Table ${this.#database.project}:${dataset}.${name}`)
    const found = this.#plainTable(dataset, name)
    return ok(tableJson(this.#database.project, dataset, name, found, this.#plainDataset(dataset).location))
  }

  #patchTable(request: Request, dataset = '', name = ''): Reply {
    this.#clients
      .of(request.token)
      .require('bigquery.tables.update', `Table ${this.#database.project}:${dataset}.${name}`)
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
    this.#clients
      .of(request.token)
      .require('bigquery.tables.delete', `Table ${this.#database.project}:${dataset}.${name}`)
    this.#plainTable(dataset, name)
    this.#plainDataset(dataset).relations.delete(name)
    return { status: 204 }
  }

  #tableData(request: Request, dataset = '', name = ''): Reply {
    this.#clients
      .of(request.token)
      .require('bigquery.tables.getData', `Table ${this.#database.project}:${dataset}.${name}`)
    const found = this.#plainTable(dataset, name)
    if (found.kind === 'view') {
      throw new BigqueryError('invalid', `Cannot list a table of type VIEW.`)
    }
    const { query } = request
    const all = rowsOf(found.data)
    const limit = this.#clients.of(request.token).pageRows
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
    this.#clients
      .of(request.token)
      .require('bigquery.tables.updateData', `Table ${this.#database.project}:${dataset}.${name}`)
    const found = this.#plainTable(dataset, name)
    if (found.kind === 'view') throw new BigqueryError('invalid', 'Cannot insert into a view.')
    const { rows, errors } = insertAll(found, request.json())
    if (rows.length > 0) {
      const data = [...found.data, Buffer.concat(rows)]
      this.#plainDataset(dataset).relations.set(name, {
        ...found,
        data,
        streamed: true,
        modified: Date.now(),
      })
    }
    return ok({
      kind: 'bigquery#tableDataInsertAllResponse',
      ...(errors.length > 0 ? { insertErrors: errors } : {}),
    })
  }
}

function labelsOf(body: Json): Readonly<Record<string, string>> {
  const labels = member(body, 'labels')
  return isObject(labels)
    ? Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]))
    : {}
}
