import fc from 'fast-check'
import type { Raw } from '../reference/definitions/conditions.ts'
import { accountReferences, baseKinds, userReferences } from './base-traits.ts'
import { fitting, leaf, subjectsOf, test, tree } from './condition-arbitraries.ts'
import {
  accountTrait,
  audienceOf,
  fallback,
  history,
  userTrait,
  withFallback,
} from './definition-arbitraries.ts'
import { count, countedEvent, options, rowWindow, types, window } from './event-arbitraries.ts'
import { accountOwned, isTimed, kindsOf, relationships, userOwned } from './related-world-arbitraries.ts'
import { accountTraits } from './world-arbitraries.ts'

const bounds = (relationship: string): fc.Arbitrary<Raw> =>
  isTimed(relationship) ? rowWindow : fc.constant({})

const someUserTraits = { plan: 'text', score: 'number', spent: 'number', known_orders: 'integer' } as const

/** Conditions on a row of the last of these relationships; it and those before it may be compared with. */
function rowConditions(levels: readonly string[], ofAccount: boolean): fc.Arbitrary<readonly Raw[]> {
  const relationship = levels.at(-1) ?? ''
  const references = levels.flatMap((of) =>
    Object.keys(kindsOf(of)).map((column) => (of === relationship ? { column } : { column, of })),
  )
  const traits = ofAccount ? accountReferences : userReferences
  const subjects = [
    ...subjectsOf('column', kindsOf(relationship)),
    ...subjectsOf('trait', ofAccount ? { ...accountTraits, ...baseKinds.account } : someUserTraits),
  ]
  const nested = rowsOfLevel(levels, ofAccount)
  const leaves = leaf(subjects, [...traits, ...references])
  const conditions = tree(
    nested === undefined
      ? leaves
      : fc.oneof({ weight: 2, arbitrary: leaves }, { weight: 2, arbitrary: nested }),
  )
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.tuple(conditions) },
    fc.tuple(conditions, conditions),
  )
}

/** Rows right below, of any relationship that has some. */
function rowsOfLevel(levels: readonly string[], ofAccount: boolean): fc.Arbitrary<Raw> | undefined {
  const below = relationships
    .filter(({ parent }) => parent === levels.at(-1))
    .map(({ name }) => rowsBelow(levels, String(name), ofAccount))
  return below.length === 0 ? undefined : fc.oneof(...below)
}

/** What must hold of rows, with what must hold of rows below them, in `where` or beside it. */
function rowFilter(levels: readonly string[], ofAccount: boolean): fc.Arbitrary<Raw> {
  const where = rowConditions(levels, ofAccount).map((conditions): Raw => ({ where: conditions }))
  const nested = rowsOfLevel(levels, ofAccount)
  if (nested === undefined) return where
  const below = fc.array(tree(nested), { minLength: 1, maxLength: 2 }).map((each): Raw => ({ with: each }))
  return fc.oneof(
    { weight: 3, arbitrary: where },
    { weight: 2, arbitrary: below },
    fc.tuple(where, below).map(([own, other]) => ({ ...own, ...other })),
  )
}

function rowsBelow(levels: readonly string[], relationship: string, ofAccount: boolean): fc.Arbitrary<Raw> {
  return fc
    .tuple(count, bounds(relationship), rowFilter([...levels, relationship], ofAccount))
    .map(([counted, during, filter]) => ({ relationship, ...counted, ...during, ...filter }))
}

const rowsOf = (names: readonly string[], ofAccount: boolean): fc.Arbitrary<Raw> =>
  fc.constantFrom(...names).chain((name) =>
    fc
      .tuple(
        rowsBelow([], name, ofAccount),
        isTimed(name) ? window : fc.constant({}),
        fc.option(reduced(name), { nil: undefined, freq: 2 }),
      )
      .map(([rows, during, asked]) => {
        const { count: _, ...rest } = rows
        const own = Object.fromEntries(
          Object.entries(rest).filter(([key]) => !['within', 'between', 'since', 'until'].includes(key)),
        )
        const counted = rows.count === undefined ? {} : { count: rows.count }
        return { ...own, ...during, ...(asked ?? counted) }
      }),
  )

/** What rows are reduced to, and what must hold of it. */
function reduced(relationship: string): fc.Arbitrary<Raw> {
  const suited = types.filter(
    (type) => type !== 'count' && (isTimed(relationship) || (type !== 'first' && type !== 'last')),
  )
  return fc
    .record({
      type: fc.constantFrom(...suited),
      column: fc.constantFrom(...Object.keys(kindsOf(relationship))),
      beside: options,
      holds: fc.oneof(test(userReferences), fitting.number, fitting.text, fitting.integer),
    })
    .map(({ type, column, beside, holds }) => {
      const { as, ...others } = beside(type)
      return { [type]: column, ...others, ...(as !== undefined && as !== 'array' && { as }), ...holds }
    })
}

const userRows = rowsOf(userOwned, false)
const accountRows = rowsOf(accountOwned, true)
const userCondition = tree(
  fc.oneof(
    { weight: 6, arbitrary: userRows },
    { weight: 3, arbitrary: accountRows },
    userTrait,
    countedEvent,
    audienceOf('vips'),
    audienceOf('big_accounts'),
  ),
)
const accountCondition = tree(
  fc.oneof(
    { weight: 3, arbitrary: accountRows },
    userRows,
    accountTrait,
    fc
      .tuple(fc.constantFrom('any_user', 'all_users', 'none_of_users'), userCondition)
      .map(([quantifier, condition]) => ({ [quantifier]: condition })),
  ),
)

/** Rows have no history: what happened before counts for events beside them only. */
export const relatedAudiences: fc.Arbitrary<Raw> = fc
  .tuple(
    fc.oneof(
      {
        weight: 2,
        arbitrary: fc.record({
          entity: fc.constant('user'),
          include_anonymous: fc.boolean(),
          match: userCondition,
        }),
      },
      fc.record({ entity: fc.constant('account'), match: accountCondition }),
    ),
    history,
  )
  .map(([of, since]) => ({ ...of, ...since }))

export const relatedTraits: fc.Arbitrary<Raw> = fc
  .constantFrom(...userOwned, ...accountOwned)
  .chain((relationship) => {
    const ofAccount = accountOwned.includes(relationship)
    const some = isTimed(relationship) ? types : types.filter((type) => type !== 'first' && type !== 'last')
    return fc
      .record({
        type: fc.constantFrom(...some),
        column: fc.constantFrom(...Object.keys(kindsOf(relationship))),
        frequency: fc.constantFrom(1, 2),
        p: fc.constantFrom(0, 0.25, 0.5, 0.9, 1),
        asText: fc.boolean(),
        anonymous: fc.boolean(),
        during: isTimed(relationship) ? window : fc.constant({}),
        filter: rowFilter([relationship], ofAccount),
        otherwise: fc.option(fallback, { nil: undefined, freq: 2 }),
      })
      .map(({ type, column, frequency, p, asText, anonymous, during, filter, otherwise }) => ({
        entity: ofAccount ? 'account' : 'user',
        type,
        relationship,
        ...withFallback(
          type,
          {
            ...(type !== 'count' && { column }),
            ...(type === 'most_frequent' && { min_frequency: frequency }),
            ...(type === 'percentile' && { p }),
            ...((type === 'min' || type === 'max') && asText && { as: 'text' }),
          },
          otherwise,
        ),
        ...(!ofAccount && { include_anonymous: anonymous }),
        ...during,
        ...filter,
      }))
  })

/** Asks little, so that many rows meet it, those below others among them. */
function easyRows(relationship: string): fc.Arbitrary<Raw> {
  const below = relationships.filter(({ parent }) => parent === relationship).map(({ name }) => String(name))
  const easy = fc.oneof(
    fc.constantFrom('a', 'b').map((text): Raw => ({ column: 'label', not_equals: text })),
    fc.constantFrom('a', 'b').map((text): Raw => ({ column: 'label', contains: text })),
    fc.constant<Raw>({ column: 'label', exists: true }),
  )
  const nested = below.length === 0 ? easy : fc.oneof(...below.map(easyRows))
  const condition: fc.Arbitrary<Raw> = fc.oneof(
    { weight: 2, arbitrary: nested },
    easy,
    fc.tuple(nested, fc.oneof(easy, nested)).map((any): Raw => ({ any })),
    fc.tuple(fc.tuple(nested, easy), nested).map(([all, other]): Raw => ({ any: [{ all }, other] })),
    nested.map((not): Raw => ({ not })),
  )
  const counts = fc.constantFrom<Raw>(
    {},
    {},
    { count: { at_least: 2 } },
    { count: { exactly: 1 } },
    { count: { at_most: 1 } },
  )
  return fc
    .tuple(counts, fc.array(condition, { maxLength: 2 }))
    .map(([counted, where]) => ({ relationship, ...counted, where }))
}

const easyMatch = (names: readonly string[]): fc.Arbitrary<Raw> => {
  const rows = fc.oneof(...names.map(easyRows))
  const group = fc.array(rows, { minLength: 2, maxLength: 3 })
  return fc.oneof(
    rows,
    group.map((any): Raw => ({ any })),
    fc
      .tuple(fc.array(rows, { minLength: 2, maxLength: 2 }), rows)
      .map(([all, other]): Raw => ({ any: [{ all }, other] })),
  )
}

/** Audiences that many rows are in for. */
export const audiencesOfRows: fc.Arbitrary<Raw> = fc.oneof(
  easyMatch(['carts', 'plans']).map((match) => ({ entity: 'user', include_anonymous: true, match })),
  easyMatch(['account_carts', 'firm_lines']).map((match) => ({ entity: 'account', match })),
)
