import type { Entity } from '../../definitions/definitions.ts'
import type { Sql } from '../../dialects/dialect.ts'
import type { NodeColumn } from '../../ir/node.ts'
import { type Relation, relation } from '../../ir/relation.ts'
import { keyColumn } from '../compile-scope.ts'
import type { Context } from '../context.ts'
import type { ServedColumn } from './served-traits.ts'
import type { ServingPlan } from './serving-plan.ts'
import type { ServingSelects } from './serving-selects.ts'

const stateColumns: readonly NodeColumn[] = [
  { name: 'store_id', type: 'text' },
  { name: 'version', type: 'integer' },
  { name: 'batch', type: 'integer' },
  { name: 'batch_run_id', type: 'text' },
  { name: 'last_arrival', type: 'integer' },
  { name: 'as_of', type: 'timestamp' },
  { name: 'shape', type: 'text' },
]

const entities: readonly Entity[] = ['user', 'account']

export interface StateTables {
  readonly columns: Readonly<Record<Entity, readonly ServedColumn[]>>
  readonly candidates: Readonly<Record<Entity, Relation>>
  readonly selects: ServingSelects
  /** One row: the last publish. */
  readonly state: Relation
  /** Copies of the wide tables as they were then. */
  readonly before: Readonly<Record<Entity, Relation>>
}

/** What the warehouse remembers of publishes: never more than the store has. */
export function servingState(
  context: Context,
  { columns, candidates, selects, state, before }: StateTables,
): Pick<ServingPlan, 'prepare' | 'state' | 'candidates' | 'remember'> {
  const { dialect } = context
  const sql = (of: Relation): Sql => dialect.relation(of)
  const namesOf = (entity: Entity): readonly Sql[] => [
    keyColumn(entity),
    ...columns[entity].map(({ name }) => dialect.ident(name)),
  ]
  const served = (entity: Entity, chosen = ''): Sql => {
    const table = entity === 'user' ? 'profile_traits' : 'account_traits'
    const list = namesOf(entity).map((name) => `  traits.${name}`)
    const where = entity === 'user' ? '\nwhere traits.merged_to is null' : ''
    return `select\n${list.join(',\n')}\nfrom ${sql(relation(context.schema, table))} as traits${chosen}${where}`
  }
  const changed = (entity: Entity): readonly Sql[] => {
    const key = keyColumn(entity)
    const chosen = `\ninner join ${sql(candidates[entity])} as candidates\n  on candidates.profile_id = traits.${key}`
    return [
      `delete from ${sql(before[entity])}\nwhere ${key} in (\n  select candidates.profile_id\n  from ${sql(candidates[entity])} as candidates\n)`,
      `insert into ${sql(before[entity])} (\n  ${namesOf(entity).join(',\n  ')}\n)\n${served(entity, chosen)}`,
    ]
  }
  return {
    prepare: [...dialect.createSchema(state.schema), ...dialect.createTableIfMissing(state, stateColumns)],
    state: `select ${stateColumns.map(({ name }) => `serving_state.${name}`).join(', ')}\nfrom ${sql(state)} as serving_state`,
    candidates: (span) =>
      entities.flatMap((entity) =>
        dialect.createTableAs(candidates[entity], selects.candidates(entity, span, before[entity])),
      ),
    remember(next, all) {
      const values = [
        dialect.text(next.storeId),
        dialect.integer(next.version),
        dialect.integer(next.batch),
        dialect.text(next.batchRunId),
        dialect.integer(next.lastArrival),
        dialect.timestamp(next.asOf),
        dialect.text(next.shape),
      ]
      const row = [
        `delete from ${sql(state)} where 1 = 1`,
        `insert into ${sql(state)} (${stateColumns.map(({ name }) => name).join(', ')})\nvalues (${values.join(', ')})`,
      ]
      return all
        ? {
            before: entities.flatMap((entity) => dialect.createTableAs(before[entity], served(entity))),
            together: row,
          }
        : { before: [], together: [...entities.flatMap(changed), ...row] }
    },
  }
}
