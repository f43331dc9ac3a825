import { byteCount, type Dataset, type Relation, rowCount } from '../engine/database.ts'
import { tokensOf } from '../engine/lexer.ts'
import type { JsonObject } from '../json.ts'
import { schemaJson } from './jobs.ts'

export function datasetJson(project: string, id: string, dataset: Dataset): JsonObject {
  return {
    kind: 'bigquery#dataset',
    etag: String(dataset.created),
    id: `${project}:${id}`,
    datasetReference: { projectId: project, datasetId: id },
    description: dataset.description,
    labels: dataset.labels,
    location: dataset.location,
    creationTime: String(dataset.created),
    lastModifiedTime: String(dataset.created),
  }
}

export function tableJson(
  project: string,
  dataset: string,
  name: string,
  of: Relation,
  location: string,
): JsonObject {
  const description = of.options.get('description')
  const labels = of.options.get('labels')
  return {
    kind: 'bigquery#table',
    etag: String(of.modified),
    id: `${project}:${dataset}.${name}`,
    tableReference: { projectId: project, datasetId: dataset, tableId: name },
    type: of.kind === 'table' ? 'TABLE' : 'VIEW',
    schema: schemaJson(of),
    location,
    creationTime: String(of.created),
    lastModifiedTime: String(of.modified),
    ...(description === undefined ? {} : { description: textsOf(description).join('') }),
    ...(labels === undefined ? {} : { labels: pairsOf(labels) }),
    ...(of.kind === 'view'
      ? { view: { query: of.sql, useLegacySql: false } }
      : {
          numRows: String(rowCount(of.data)),
          numBytes: String(byteCount(of.data)),
          ...partitioning(of.partitionBy),
          ...(of.clusterBy === ''
            ? {}
            : { clustering: { fields: of.clusterBy.split(',').map((each) => each.trim()) } }),
        }),
  }
}

function partitioning(clause: string): JsonObject {
  if (clause === '') return {}
  const field = /\( *([\p{L}\p{N}_]+)/u.exec(clause)?.[1] ?? clause
  const unit = /, *(hour|month|year) *\)/.exec(clause)?.[1]?.toUpperCase() ?? 'DAY'
  return { timePartitioning: { type: unit, field } }
}

/** The texts of the string literals in an option's expression. */
function textsOf(expression: string): readonly string[] {
  return tokensOf(expression)
    .filter(({ kind }) => kind === 'string')
    .map(({ text }) => text.slice(1, -1).replaceAll(/\\(.)/g, '$1'))
}

function pairsOf(expression: string): JsonObject {
  const texts = textsOf(expression)
  const pairs = texts.flatMap((name, index) =>
    index % 2 === 0 ? [[name, texts[index + 1] ?? ''] as const] : [],
  )
  return Object.fromEntries(pairs)
}
