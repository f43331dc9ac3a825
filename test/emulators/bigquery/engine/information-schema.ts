import { integerValue, textValue, timestampValue } from '../values/encode.ts'
import { type Column, column, type ScalarName, typeText } from '../values/types.ts'
import type { Rows } from './analysis.ts'
import { byteCount, type Database, type Relation, rowCount } from './database.ts'
import { BigqueryError, EmulatorGap } from './errors.ts'
import { rowField } from './tables.ts'

type Cell = string | number | null | { readonly millis: number }

/** Views of `dataset.INFORMATION_SCHEMA`, of the project's, and `dataset.__TABLES__`. @throws EmulatorGap for others */
export function informationSchema(database: Database, dataset: string | undefined, view: string): Rows {
  const schemas = dataset === undefined ? [...database.datasets.keys()] : [dataset]
  const relations = schemas.flatMap((schema) =>
    [...database.dataset(schema).relations].map(([name, relation]) => ({ schema, name, relation })),
  )
  const named = ({ schema, name }: { schema: string; name: string }): Cell[] => [
    database.project,
    schema,
    name,
  ]
  switch (view.toUpperCase()) {
    case 'TABLES':
      return rows(
        {
          table_catalog: 'STRING',
          table_schema: 'STRING',
          table_name: 'STRING',
          table_type: 'STRING',
          is_insertable_into: 'STRING',
          is_typed: 'STRING',
          creation_time: 'TIMESTAMP',
        },
        relations.map((each) => [
          ...named(each),
          tableType(each.relation),
          each.relation.kind === 'table' ? 'YES' : 'NO',
          'NO',
          { millis: each.relation.created },
        ]),
      )
    case 'COLUMNS':
      return rows(
        {
          table_catalog: 'STRING',
          table_schema: 'STRING',
          table_name: 'STRING',
          column_name: 'STRING',
          ordinal_position: 'INT64',
          is_nullable: 'STRING',
          data_type: 'STRING',
          is_generated: 'STRING',
          is_hidden: 'STRING',
          is_system_defined: 'STRING',
          is_partitioning_column: 'STRING',
          clustering_ordinal_position: 'INT64',
          collation_name: 'STRING',
          column_default: 'STRING',
        },
        relations.flatMap((each) =>
          each.relation.columns.map((of, index) => columnCells(named(each), each.relation, of, index)),
        ),
      )
    case 'VIEWS':
      return rows(
        {
          table_catalog: 'STRING',
          table_schema: 'STRING',
          table_name: 'STRING',
          view_definition: 'STRING',
          use_standard_sql: 'STRING',
        },
        relations.flatMap((each) =>
          each.relation.kind === 'view' ? [[...named(each), each.relation.sql, 'YES']] : [],
        ),
      )
    case 'TABLE_OPTIONS':
      return rows(
        {
          table_catalog: 'STRING',
          table_schema: 'STRING',
          table_name: 'STRING',
          option_name: 'STRING',
          option_type: 'STRING',
          option_value: 'STRING',
        },
        relations.flatMap((each) =>
          [...each.relation.options].map(([name, value]) => [
            ...named(each),
            name,
            optionTypes[name] ?? 'STRING',
            value,
          ]),
        ),
      )
    case 'SCHEMATA':
      return rows(
        {
          catalog_name: 'STRING',
          schema_name: 'STRING',
          schema_owner: 'STRING',
          creation_time: 'TIMESTAMP',
          last_modified_time: 'TIMESTAMP',
          location: 'STRING',
        },
        schemas.map((schema) => {
          const { created, location } = database.dataset(schema)
          return [database.project, schema, null, { millis: created }, { millis: created }, location]
        }),
      )
    case '__TABLES__':
      return rows(
        {
          project_id: 'STRING',
          dataset_id: 'STRING',
          table_id: 'STRING',
          creation_time: 'INT64',
          last_modified_time: 'INT64',
          row_count: 'INT64',
          size_bytes: 'INT64',
          type: 'INT64',
        },
        relations.map((each) => {
          const { relation } = each
          const isTable = relation.kind === 'table'
          return [
            ...named(each),
            relation.created,
            relation.modified,
            isTable ? rowCount(relation.data) : 0,
            isTable ? byteCount(relation.data) : 0,
            isTable ? 1 : 2,
          ]
        }),
      )
    case 'ROUTINES':
    case 'PARTITIONS':
    case 'TABLE_STORAGE':
    case 'JOBS':
    case 'JOBS_BY_PROJECT':
    case 'JOBS_BY_USER':
      throw new EmulatorGap(`INFORMATION_SCHEMA.${view}`)
    default:
      throw new BigqueryError(
        'notFound',
        `Not found: Table ${database.project}:${dataset ?? 'region-us'}.INFORMATION_SCHEMA.${view}`,
      )
  }
}

const optionTypes: Readonly<Record<string, string>> = {
  expiration_timestamp: 'TIMESTAMP',
  labels: 'ARRAY<STRUCT<STRING, STRING>>',
  partition_expiration_days: 'FLOAT64',
  require_partition_filter: 'BOOL',
}

function tableType(relation: Relation): 'BASE TABLE' | 'VIEW' {
  return relation.kind === 'table' ? 'BASE TABLE' : 'VIEW'
}

function columnCells(named: readonly Cell[], relation: Relation, of: Column, index: number): Cell[] {
  const partition = relation.kind === 'table' ? relation.partitionBy : ''
  const clusters = relation.kind === 'table' ? relation.clusterBy.split(',').map((each) => each.trim()) : []
  const name = of.name.toLowerCase()
  const cluster = clusters.indexOf(name)
  return [
    ...named,
    of.name,
    index + 1,
    of.required ? 'NO' : 'YES',
    typeText(of.type) + of.parameters,
    'NEVER',
    'NO',
    'NO',
    new RegExp(`(^|[ (])${name}($|[ ),])`).test(partition) ? 'YES' : 'NO',
    cluster < 0 ? null : cluster + 1,
    'NULL',
    'NULL',
  ]
}

function rows(columns: Readonly<Record<string, ScalarName>>, cells: readonly (readonly Cell[])[]): Rows {
  return {
    columns: Object.entries(columns).map(([name, kind]) => column(name, { kind })),
    data: cells.map((row) => rowField(row.map(encodeCell))),
  }
}

function encodeCell(cell: Cell): Buffer {
  if (cell === null || typeof cell === 'string') return textValue(cell)
  if (typeof cell === 'number') return integerValue(cell)
  return timestampValue(BigInt(cell.millis) * 1000n)
}
