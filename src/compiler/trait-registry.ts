import type { Entity, SqlTrait, Trait } from '../definitions/definitions.ts'
import type { NodeColumn } from '../ir/node.ts'
import { type ValueType, valueTypeOf } from '../ir/value-type.ts'
import { shortName } from '../sql/names.ts'
import { eventKey, keyColumn, type ScopedTrait } from './compile-scope.ts'
import { type Context, work } from './context.ts'
import { scanRelation } from './scans/compile-scan.ts'
import { type MeasuredTypes, measureType } from './scans/measure.ts'
import type { ScanPlan } from './scans/plan-scans.ts'
import type { SqlTraitShape } from './sql-files/sql-trait-shape.ts'
import { fallbackOf } from './traits/fallback.ts'

/** Every trait that can be read, by entity and name. A computed one hides a custom one of the same name. */
export interface TraitRegistry {
  trait(entity: Entity, name: string): ScopedTrait | undefined
  names(entity: Entity): readonly string[]
  /** Computed traits and columns of SQL traits, in the order of the definitions. */
  computed(entity: Entity): readonly ScopedTrait[]
}

export function traitRegistry(
  context: Context,
  traits: readonly Trait[],
  shapes: ReadonlyMap<SqlTrait, SqlTraitShape>,
  scans: ScanPlan,
  custom: Readonly<Record<Entity, readonly NodeColumn[]>>,
  rows: MeasuredTypes['rows'],
): TraitRegistry {
  const computed = (entity: Entity, types: MeasuredTypes): readonly ScopedTrait[] =>
    traits
      .filter((trait) => trait.entity === entity)
      .flatMap((trait) => scoped(context, trait, shapes, scans, types))
  // No trait of a user is one of another user.
  const user = computed('user', { rows, userTrait: () => undefined })
  const userTrait = (name: string): ValueType | undefined =>
    (user.find((trait) => trait.name === name) ?? custom.user.find((column) => column.name === name))?.type
  const perEntity = { user, account: computed('account', { rows, userTrait }) }
  const all = {
    user: new Map<string, ScopedTrait>(),
    account: new Map<string, ScopedTrait>(),
  }
  for (const entity of ['user', 'account'] as const) {
    for (const column of custom[entity]) all[entity].set(column.name, customTrait(context, entity, column))
    for (const trait of perEntity[entity]) all[entity].set(trait.name, trait)
  }
  return {
    trait: (entity, name) => all[entity].get(name),
    names: (entity) => [...all[entity].keys()].sort(),
    computed: (entity) => perEntity[entity],
  }
}

/** The relation a trait is first written to. */
export function traitRelation(context: Context, name: string) {
  return work(context, shortName(context.dialect, `trait_${name}`))
}

function scoped(
  context: Context,
  trait: Trait,
  shapes: ReadonlyMap<SqlTrait, SqlTraitShape>,
  scans: ScanPlan,
  types: MeasuredTypes,
): readonly ScopedTrait[] {
  const relation = traitRelation(context, trait.name)
  const node = `trait.${trait.name}`
  switch (trait.type) {
    case 'sql':
      return (shapes.get(trait)?.columns ?? []).map(({ name, type }) => ({
        name,
        type: valueTypeOf(type),
        column: name,
        relation,
        key: keyColumn(trait.entity),
        node,
      }))
    case 'formula':
      return [
        {
          name: trait.name,
          type: 'number',
          column: trait.name,
          relation,
          key: keyColumn(trait.entity),
          node,
        },
      ]
    default: {
      const found = scans.ofTrait(trait.name)
      if (found === undefined) return []
      const { scan, column } = found
      const type = measureType(column, types)
      const fallback = fallbackOf(trait, type, types)
      return [
        {
          name: trait.name,
          type,
          ...(fallback !== undefined && { fallback }),
          column: column.column,
          relation: scanRelation(context, scan),
          key: eventKey(scan.entity),
          node,
        },
      ]
    }
  }
}

function customTrait(context: Context, entity: Entity, column: NodeColumn): ScopedTrait {
  const table = `${entity}_custom_traits`
  return {
    name: column.name,
    type: column.type,
    column: column.name,
    relation: work(context, table),
    key: keyColumn(entity),
    node: `profiles.${table}`,
  }
}
