import type { IdentifierRule, SqlTrait } from '../../definitions/definitions.ts'
import { type Problem, problem } from '../../diagnostics/problem.ts'
import type { CatalogColumn } from '../../ir/catalog.ts'
import { snakeCase } from '../sources/source-table.ts'

const mostColumns = 25
const callerIds = ['user_id', 'anonymous_id']

/** A column that holds identifiers of a type. */
export interface IdentifierColumn {
  readonly type: string
  readonly column: CatalogColumn
}

/**
 * When identifiers that are not known yet become profiles: in the same run, in the next one (the select reads what this
 * one resolves), or not at all.
 */
export type Creation = 'now' | 'next' | 'never'

/** What the select of a SQL trait returns. */
export interface SqlTraitShape {
  /** Of which each row has exactly one. */
  readonly keys: readonly IdentifierColumn[]
  /** Further identifiers of the same profile, which an identify call brings. */
  readonly identifiers: readonly IdentifierColumn[]
  /** The account of a user, or the user of an account. */
  readonly links: readonly IdentifierColumn[]
  /** One trait each. */
  readonly columns: readonly CatalogColumn[]
  readonly creation: Creation
}

/**
 * Holds the columns against the rules of SQL traits (spec 5); undefined where one is broken.
 *
 * @param late whether the select reads what identity resolves in the same run
 */
export function sqlTraitShape(
  trait: SqlTrait,
  columns: readonly CatalogColumn[],
  rules: readonly IdentifierRule[],
  late: boolean,
  report: (found: Problem) => void,
): SqlTraitShape | undefined {
  const named = (names: readonly string[]): readonly IdentifierColumn[] =>
    names.flatMap((name) =>
      columns.filter((column) => column.name === name).map((column) => ({ type: name, column })),
    )
  const callers = named(callerIds)
  const keys =
    trait.entity === 'account' ? named(['group_id']) : callers.length > 0 ? callers : named(['email'])
  if (columns.length > mostColumns) {
    report(problem('PSN3021', { trait: trait.name, count: columns.length }, trait.fileSpan))
    return undefined
  }
  if (keys.length === 0) {
    const expected = trait.entity === 'account' ? ['group_id'] : ['user_id', 'email', 'anonymous_id']
    const parameters = {
      trait: trait.name,
      columns: listed(columns.map(({ name }) => name)),
      expected: listed(expected),
    }
    report(problem('PSN3020', parameters, trait.fileSpan))
    return undefined
  }
  const links = trait.entity === 'account' ? callers : named(['group_id'])
  const taken = new Set([...keys, ...links].map(({ column }) => column))
  const others = columns.filter((column) => !taken.has(column))
  if (others.length === 0) {
    report(problem('PSN3022', { trait: trait.name }, trait.fileSpan))
    return undefined
  }
  const configured = new Set(rules.map(({ type }) => type))
  const lost = trait.entity === 'user' ? keys.filter(({ type }) => !configured.has(type)) : []
  for (const { type } of lost) report(problem('PSN3024', { trait: trait.name, type }, trait.fileSpan))
  const creation = lost.length === keys.length ? 'never' : creationOf(trait.createProfiles, late)
  const identifiers =
    trait.entity === 'account' || creation === 'never' ? [] : namedLikeIdentifiers(others, rules)
  const brought = new Set(identifiers.map(({ column }) => column))
  return { keys, identifiers, links, columns: others.filter((column) => !brought.has(column)), creation }
}

function creationOf(wanted: boolean | undefined, late: boolean): Creation {
  if (!(wanted ?? !late)) return 'never'
  return late ? 'next' : 'now'
}

function namedLikeIdentifiers(
  columns: readonly CatalogColumn[],
  rules: readonly IdentifierRule[],
): readonly IdentifierColumn[] {
  return rules.flatMap(({ type }) =>
    columns
      .filter(({ name }) => name === snakeCase(type))
      .slice(0, 1)
      .map((column) => ({ type, column })),
  )
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}
