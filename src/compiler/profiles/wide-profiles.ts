import type { Entity } from '../../definitions/definitions.ts'
import type { CompiledNode, NodeColumn } from '../../ir/node.ts'
import { keyColumn, type ScopedTrait } from '../compile-scope.ts'
import { type Context, work, workSql } from '../context.ts'
import { header, steps } from '../header.ts'

/**
 * The working wide table of an entity: a row per live profile or account, a column per trait, custom ones first.
 * A computed trait hides a custom one of the same name.
 */
export function wideProfiles(
  context: Context,
  entity: Entity,
  custom: readonly NodeColumn[],
  computed: readonly ScopedTrait[],
): CompiledNode {
  const { dialect, templates } = context
  const key = keyColumn(entity)
  const name = `${entity}_profiles`
  const customTable = `${entity}_custom_traits`
  const shown = custom.filter((column) => !computed.some((trait) => trait.column === column.name))
  const relations = [...new Map(computed.map((trait) => [trait.relation.name, trait.relation])).values()]
  const columns = [
    ...shown.map((column) => ({ column, sql: `custom_traits.${dialect.ident(column.name)}` })),
    ...computed.map((trait) => ({
      column: { name: trait.column, type: trait.type },
      sql: `${dialect.ident(trait.relation.name)}.${dialect.ident(trait.column)}`,
    })),
  ]
  const select = templates.render('wide-profiles', {
    base: workSql(context, entity === 'user' ? 'profiles' : 'accounts'),
    key,
    columns: [...(entity === 'user' ? ['profiles.known'] : []), ...columns.map(({ sql }) => sql)]
      .map((sql) => `,\n${sql}`)
      .join(''),
    joins: [
      ...(shown.length === 0 ? [] : [{ relation: workSql(context, customTable), alias: 'custom_traits' }]),
      ...relations.map((relation) => ({
        relation: dialect.relation(relation),
        alias: dialect.ident(relation.name),
      })),
    ],
    where: entity === 'user' && 'profiles.segment_id = profiles.canonical_segment_id',
  })
  return {
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
      ]),
    ].sort(),
    relation: work(context, name),
    columns: columns.map(({ column }) => column),
    steps: steps(name, header('profiles', name), dialect.createTableAs(work(context, name), select)),
  }
}
