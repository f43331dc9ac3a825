import type { Entity } from '../../definitions/definitions.ts'
import type { CompiledNode, NodeColumn } from '../../ir/node.ts'
import { shortName } from '../../sql/names.ts'
import { keyColumn } from '../compile-scope.ts'
import { asOfSql, type Context, work, workSql } from '../context.ts'
import { cteName, eventTables, tableAlias } from '../events/event-rows.ts'
import { header, steps } from '../header.ts'
import { columnSql, fieldSql, textSql, unify } from '../sources/field-sql.ts'
import { fieldOf, type SourceTable, snakeCase } from '../sources/source-table.ts'

/** Traits that identify calls (of users) or group calls (of accounts) bring, in one type each. */
export interface CustomTraits {
  readonly columns: readonly NodeColumn[]
  readonly node: CompiledNode
}

/**
 * The newest value of every trait by event time, long in `<entity>_custom_trait_values` and wide in `<entity>_custom_traits`.
 *
 * @param wanted traits that definitions read, for sources that keep all traits in one JSON column and so cannot list them
 */
export function customTraits(context: Context, entity: Entity, wanted: ReadonlySet<string>): CustomTraits {
  const { dialect, templates } = context
  const key = keyColumn(entity)
  const call = entity === 'user' ? 'identify' : 'group'
  const tables = eventTables(context.tables).filter((table) => table.call === call)
  const columns = traitColumns(context, tables, wanted)
  const name = `${entity}_custom_traits`
  const values = `${entity}_custom_trait_values`
  const valuesSelect =
    columns.length === 0
      ? emptySelect(context, key)
      : templates.render('custom-trait-values', {
          key,
          profiles: workSql(context, entity === 'user' ? 'event_profiles' : 'group_calls'),
          events: workSql(context, 'events'),
          asOf: asOfSql(context),
          order: dialect.orderBy([
            { sql: 'trait_values.timestamp', type: 'timestamp', descending: true },
            { sql: 'trait_values.arrival', type: 'integer', descending: true },
            { sql: 'trait_values.value', type: 'text', descending: false },
          ]),
          tables: tables.map((table) => traitCalls(context, table, columns)),
          traits: columns.map((column) => ({
            name: dialect.text(column.name),
            column: traitColumn(context, column),
          })),
        })
  const wideSelect =
    columns.length === 0
      ? `select\n  trait_values.${key}\nfrom ${workSql(context, values)} as trait_values`
      : templates.render('custom-traits', {
          key,
          values: workSql(context, values),
          columns: columns
            .map((column) => {
              const newest = `max(case when trait_values.name = ${dialect.text(column.name)} then trait_values.value end)`
              return `${dialect.fromText(newest, column.type)} as ${dialect.ident(column.name)}`
            })
            .join(',\n'),
        })
  return {
    columns,
    node: {
      id: `profiles.${name}`,
      type: 'profiles',
      name,
      description: `The newest value of each trait that ${call} calls bring.`,
      tags: [],
      meta: {},
      dependsOn: ['identity.events', entity === 'user' ? 'identity.profiles' : 'identity.accounts'].sort(),
      relation: work(context, name),
      columns,
      steps: steps(name, header('profiles', name), [
        ...dialect.createTableAs(work(context, values), valuesSelect),
        ...dialect.createTableAs(work(context, name), wideSelect),
      ]),
    },
  }
}

/** Prefixed, since a trait may be called `source` or `name`. */
export function traitColumn(context: Context, column: NodeColumn): string {
  return context.dialect.ident(shortName(context.dialect, `trait_${column.name}`))
}

function traitColumns(
  context: Context,
  tables: readonly SourceTable[],
  wanted: ReadonlySet<string>,
): readonly NodeColumn[] {
  const names = new Set(tables.flatMap((table) => [...table.properties.keys()].map(snakeCase)))
  if (tables.some((table) => table.json !== undefined)) for (const name of wanted) names.add(name)
  return [...names].sort().map((name) => ({
    name,
    type: unify(
      tables.flatMap((table) => {
        const field = fieldOf(table, name)
        return field === undefined ? [] : [fieldSql(context.dialect, '', field).type]
      }),
    ),
  }))
}

/** The calls of a table, with `source`, `event_id` and the text of each trait as its {@link traitColumn}. */
export function traitCalls(context: Context, table: SourceTable, columns: readonly NodeColumn[]) {
  const { dialect } = context
  const alias = tableAlias(dialect, table)
  const id = textSql(dialect, columnSql(dialect, alias, table.id))
  const traits = columns.map((column) => {
    const field = fieldOf(table, column.name)
    const text =
      field === undefined ? dialect.nullOf('text') : textSql(dialect, fieldSql(dialect, alias, field))
    return `${text} as ${traitColumn(context, column)}`
  })
  return {
    cte: cteName(table),
    relation: dialect.relation(table.relation),
    alias,
    columns: [`${dialect.text(table.source)} as source`, `${id} as event_id`, ...traits].join(',\n'),
    where: `${id} is not null`,
  }
}

function emptySelect(context: Context, key: string): string {
  const { dialect } = context
  const columns = [
    `${dialect.nullOf('text')} as ${key}`,
    `${dialect.nullOf('text')} as name`,
    `${dialect.nullOf('text')} as value`,
    `${dialect.nullOf('integer')} as arrival`,
    `${dialect.nullOf('timestamp')} as timestamp`,
    `${dialect.nullOf('timestamp')} as received_at`,
  ]
  return `select\n  ${columns.join(',\n  ')}\nlimit 0`
}
