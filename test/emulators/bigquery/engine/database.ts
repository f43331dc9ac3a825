import { messageField, messagesOf, textField } from '../service/wire.ts'
import { type Column, encodeType } from '../values/types.ts'
import { BigqueryError } from './errors.ts'

/** Rows are what the service wrote, several pieces of `TableData`; nothing here ever changes, tables are replaced. */
export interface Table {
  readonly kind: 'table'
  readonly columns: readonly Column[]
  readonly data: readonly Buffer[]
  /** Text of the clauses as written, to be compared when a table is replaced. */
  readonly partitionBy: string
  readonly clusterBy: string
  readonly options: ReadonlyMap<string, string>
  /** Has rows of `insertAll`, which for half an hour no statement may change. */
  readonly streamed: boolean
  readonly created: number
  readonly modified: number
}

export interface View {
  readonly kind: 'view'
  readonly columns: readonly Column[]
  readonly sql: string
  readonly defaultDataset: string | undefined
  readonly options: ReadonlyMap<string, string>
  readonly created: number
  readonly modified: number
}

export type Relation = Table | View

export interface Dataset {
  readonly location: string
  readonly created: number
  readonly description: string
  readonly labels: Readonly<Record<string, string>>
  readonly relations: Map<string, Relation>
}

/** A name that a statement uses, resolved. Dataset `undefined` is the session's own temporary tables. */
export interface Address {
  readonly dataset: string | undefined
  readonly name: string
}

export class Database {
  readonly project: string
  readonly datasets = new Map<string, Dataset>()

  constructor(project: string) {
    this.project = project
  }

  createDataset(
    id: string,
    given: Partial<Pick<Dataset, 'location' | 'description' | 'labels'>> = {},
  ): Dataset {
    if (this.datasets.has(id))
      throw new BigqueryError('duplicate', `Already Exists: Dataset ${this.project}:${id}`)
    if (!/^[A-Za-z0-9_]{1,1024}$/.test(id)) {
      throw new BigqueryError(
        'invalid',
        `Invalid dataset ID "${id}". Dataset IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.`,
      )
    }
    const dataset = {
      location: given.location ?? 'US',
      created: Date.now(),
      description: given.description ?? '',
      labels: given.labels ?? {},
      relations: new Map<string, Relation>(),
    }
    this.datasets.set(id, dataset)
    return dataset
  }

  dataset(id: string): Dataset {
    const found = this.datasets.get(id)
    if (found === undefined) throw this.noDataset(id)
    return found
  }

  noDataset(id: string, location = 'US'): BigqueryError {
    return new BigqueryError(
      'notFound',
      `Not found: Dataset ${this.project}:${id} was not found in location ${location}`,
    )
  }

  alreadyExists(address: Address): BigqueryError {
    return new BigqueryError(
      'duplicate',
      `Already Exists: Table ${this.project}:${address.dataset}.${address.name}`,
    )
  }

  isCurrently(address: Address, what: 'TABLE' | 'VIEW'): BigqueryError {
    return new BigqueryError(
      'invalid',
      `${this.project}:${address.dataset}.${address.name} is not allowed for this operation because it is currently a ${what}.`,
    )
  }

  noTable({ dataset, name }: Address): BigqueryError {
    return new BigqueryError(
      'notFound',
      `Not found: Table ${this.project}:${dataset ?? '_SESSION'}.${name} was not found in location ${this.datasets.get(dataset ?? '')?.location ?? 'US'}`,
    )
  }
}

export function newTable(columns: readonly Column[], data: readonly Buffer[]): Table {
  const now = Date.now()
  return {
    kind: 'table',
    columns,
    data,
    partitionBy: '',
    clusterBy: '',
    options: new Map(),
    streamed: false,
    created: now,
    modified: now,
  }
}

const rowsOfData = new WeakMap<readonly Buffer[], readonly Buffer[]>()

/** The rows of a table, each a message of its cells. */
export function rowsOf(data: readonly Buffer[]): readonly Buffer[] {
  const known = rowsOfData.get(data)
  if (known !== undefined) return known
  const rows = data.flatMap((piece) => messagesOf(piece, 1))
  rowsOfData.set(data, rows)
  return rows
}

export function rowCount(data: readonly Buffer[]): number {
  return rowsOf(data).length
}

export function byteCount(data: readonly Buffer[]): number {
  return data.reduce((sum, piece) => sum + piece.length, 0)
}

/** Of the columns alone, as `SimpleTableProto` lists them. */
const encodedColumns = new WeakMap<readonly Column[], Buffer>()

export function encodeColumns(columns: readonly Column[]): Buffer {
  const known = encodedColumns.get(columns)
  if (known !== undefined) return known
  const encoded = Buffer.concat(
    columns.map((each) =>
      messageField(4, [textField(1, each.name), messageField(2, [encodeType(each.type)])]),
    ),
  )
  encodedColumns.set(columns, encoded)
  return encoded
}

export function encodeTable(name: string, columns: readonly Column[], more: readonly Buffer[] = []): Buffer {
  return Buffer.concat([textField(1, name), textField(10, name), encodeColumns(columns), ...more])
}
