import type { Entity } from '../../definitions/definitions.ts'
import type { Sql } from '../../dialects/dialect.ts'
import type { Expr } from '../../ir/expr.ts'
import type { CompiledNode, NodeColumn } from '../../ir/node.ts'
import { renderExpr } from '../../sql/render-expr.ts'
import { eventKey, keyColumn, type ProfileKey, type ScopedTrait } from '../compile-scope.ts'
import { type Context, work, workSql } from '../context.ts'
import { header, steps } from '../header.ts'
import { scanRelation } from '../scans/compile-scan.ts'
import { type Scan, scanNode } from '../scans/plan-scans.ts'
import { withFallback } from '../traits/fallback.ts'

/** More are written slice by slice of the profiles: all scans of a join are held in memory at once. */
const columnsAtOnce = 150

export interface WideProfiles {
  readonly node: CompiledNode
  /** Its columns that are traits. */
  readonly traits: readonly NodeColumn[]
}

/**
 * The working wide table of an entity: a row per live profile or account, a column per trait, custom ones first.
 * A computed trait hides a custom one of the same name. After them stands what scans aggregate for audiences.
 */
export function wideProfiles(
  context: Context,
  entity: Entity,
  custom: readonly NodeColumn[],
  computed: readonly ScopedTrait[],
  scans: readonly Scan[],
): WideProfiles {
  const { dialect, templates } = context
  const key = keyColumn(entity)
  const name = `${entity}_profiles`
  const customTable = `${entity}_custom_traits`
  const shown = custom.filter((column) => !computed.some((trait) => trait.column === column.name))
  const own = scans.filter((scan) => scan.entity === entity)
  const tables = new Map<string, ProfileKey>([
    ...computed.map((trait) => [trait.relation.name, trait.key] as const),
    ...own.map((scan) => [scanRelation(context, scan).name, eventKey(entity)] as const),
  ])
  const measured = own.flatMap((scan) =>
    scan.columns
      .filter(({ audience }) => audience !== undefined)
      .map(({ column }) => `${dialect.ident(scanRelation(context, scan).name)}.${dialect.ident(column)}`),
  )
  const known: Expr = { kind: 'column', table: 'profiles', name: 'known', type: 'boolean' }
  const traitSql = ({ relation, column, type, fallback }: ScopedTrait): Sql => {
    const value: Expr = { kind: 'column', table: relation.name, name: column, type }
    const sql = renderExpr(withFallback(value, fallback, known), dialect)
    return fallback === undefined ? sql : `${sql} as ${dialect.ident(column)}`
  }
  const columns = [
    ...shown.map((column) => ({ column, sql: `custom_traits.${dialect.ident(column.name)}` })),
    ...computed.map((trait) => ({
      column: { name: trait.column, type: trait.type },
      sql: traitSql(trait),
    })),
  ]
  /** @param slice of so many profiles, which one */
  const select = (slice?: number): Sql =>
    templates.render('wide-profiles', {
      base: workSql(context, entity === 'user' ? 'profiles' : 'accounts'),
      key,
      columns: [
        ...(entity === 'user' ? ['profiles.arrival as profile_number', 'profiles.known'] : []),
        ...columns.map(({ sql }) => sql),
        ...measured,
      ]
        .map((sql) => `,\n${sql}`)
        .join(''),
      joins: [
        ...(shown.length === 0
          ? []
          : [
              {
                relation: workSql(context, customTable),
                alias: 'custom_traits',
                on: `custom_traits.${key} = profiles.${key}`,
              },
            ]),
        ...[...tables].map(([name, own]) => {
          const alias = dialect.ident(name)
          const numbered = own === 'profile_number'
          const within = numbered && slice !== undefined ? `\n  and ${inSlice(`${alias}.${own}`, slice)}` : ''
          return {
            relation: workSql(context, name),
            alias,
            on: `${alias}.${own} = profiles.${numbered ? 'arrival' : own}${within}`,
          }
        }),
      ],
      where:
        entity === 'user' &&
        [
          'profiles.segment_id = profiles.canonical_segment_id',
          ...(slice === undefined ? [] : [inSlice('profiles.arrival', slice)]),
        ].join('\n  and '),
    })
  const slices = entity === 'user' ? Math.ceil((columns.length + measured.length) / columnsAtOnce) : 1
  const inSlice = (number: Sql, slice: number): Sql => `${dialect.modulo(number, `${slices}`)} = ${slice}`
  const target = work(context, name)
  const statements =
    slices <= 1
      ? dialect.createTableAs(target, select())
      : [
          ...dialect.createTableAs(target, select(0)),
          ...Array.from(
            { length: slices - 1 },
            (_, more) => `insert into ${dialect.relation(target)}\n${select(more + 1)}`,
          ),
          ...dialect.gatherStatistics(target),
        ]
  const node: CompiledNode = {
    id: `profiles.${name}`,
    type: 'profiles',
    name,
    description:
      entity === 'user'
        ? 'Every live profile with all of its traits.'
        : 'Every account with all of its traits.',
    tags: [],
    meta: {},
    dependsOn: [
      ...new Set([
        entity === 'user' ? 'identity.profiles' : 'identity.accounts',
        `profiles.${customTable}`,
        ...computed.map((trait) => trait.node),
        ...own.map(scanNode),
      ]),
    ].sort(),
    relation: target,
    columns: columns.map(({ column }) => column),
    steps: steps(name, header('profiles', name), statements),
  }
  return { node, traits: columns.map(({ column }) => column) }
}
