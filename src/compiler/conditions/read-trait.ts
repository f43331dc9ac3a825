import { nearest } from '../../diagnostics/nearest.ts'
import { problem } from '../../diagnostics/problem.ts'
import type { Span } from '../../diagnostics/span.ts'
import { compare, type Expr } from '../../ir/expr.ts'
import type { Join } from '../../ir/select.ts'
import { type Entity, keyColumn, keyType, type ProfileKey, type ScopedTrait } from '../compile-scope.ts'
import { withFallback } from '../traits/fallback.ts'
import type { StatementBuilder } from './statement-builder.ts'

/** Traits of the profile a row belongs to. */
export interface TraitReader {
  /** Left joins, at most one row each. */
  readonly joins: readonly Join[]
  /** Undefined for a trait that does not exist; the problem is reported. */
  read(trait: string, span: Span): Expr | undefined
}

export interface TraitReference {
  readonly trait: string
  readonly span: Span
}

export function findTrait(
  statement: StatementBuilder,
  entity: Entity,
  { trait, span }: TraitReference,
): ScopedTrait | undefined {
  const found = statement.scope.trait(entity, trait)
  if (found === undefined) {
    const near = nearest(trait, statement.scope.traitNames(entity))
    statement.report(problem('PSN3103', { entity, trait, ...(near !== undefined && { near }) }, span))
  } else statement.read(found.node)
  return found
}

/** From the entity's wide table; for audiences, which come after it. */
export function traitsOfProfile(
  statement: StatementBuilder,
  entity: Entity,
  key: Expr,
  references: readonly TraitReference[],
): TraitReader {
  const alias = `${entity}_profiles`
  if (references.length > 0) statement.read(`profiles.${alias}`)
  return {
    joins:
      references.length === 0
        ? []
        : [leftJoin(statement.work(alias).name, statement, keyColumn(entity), key)],
    read(trait, span) {
      const found = findTrait(statement, entity, { trait, span })
      return found && { kind: 'column', table: alias, name: found.column, type: found.type }
    },
  }
}

/**
 * From the table each trait is computed in; for traits, which come before the wide tables.
 *
 * @param keyOf whose row it is, by the column a table has for that
 * @param isKnown of a user, whether they are known: what a trait falls back to may depend on it
 */
export function traitsAsComputed(
  statement: StatementBuilder,
  entity: Entity,
  keyOf: (column: ProfileKey) => Expr,
  references: readonly TraitReference[],
  isKnown: Expr,
): TraitReader {
  const found = references.flatMap((reference) => findTrait(statement, entity, reference) ?? [])
  const tables = new Map(found.map(({ relation, key }) => [relation.name, key]))
  return {
    joins: [...tables].map(([name, key]) => leftJoin(name, statement, key, keyOf(key))),
    read(trait, span) {
      const of = findTrait(statement, entity, { trait, span })
      if (of === undefined) return undefined
      const value: Expr = { kind: 'column', table: of.relation.name, name: of.column, type: of.type }
      return withFallback(value, of.fallback, isKnown)
    },
  }
}

function leftJoin(name: string, statement: StatementBuilder, column: ProfileKey, key: Expr): Join {
  return {
    kind: 'left',
    item: { kind: 'relation', relation: statement.work(name), alias: name },
    on: compare('=', { kind: 'column', table: name, name: column, type: keyType(column) }, key),
  }
}
