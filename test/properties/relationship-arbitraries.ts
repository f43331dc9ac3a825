import fc from 'fast-check'
import type { Raw } from '../reference/definitions/conditions.ts'
import type { Kind, Plain } from '../reference/definitions/values.ts'
import type { World, WorldTable } from '../reference/definitions/world.ts'
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
import { accountTraits, values, worlds } from './world-arbitraries.ts'

const columns: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  carts: {
    id: 'integer',
    owner: 'text',
    label: 'text',
    region: 'integer',
    amount: 'number',
    quantity: 'integer',
    gift: 'boolean',
    due: 'timestamp',
    timestamp: 'timestamp',
  },
  lines: {
    id: 'text',
    cart: 'number',
    label: 'text',
    amount: 'number',
    quantity: 'integer',
    due: 'timestamp',
  },
  plans: { code: 'text', score: 'number', label: 'text', region: 'text' },
  pairs: { line: 'text', region: 'text' },
}

export const entities: readonly Raw[] = [
  { name: 'cart', table: 'shop.carts', primary_key: 'id', timestamp: 'timestamp' },
  { name: 'line', table: 'shop.lines', primary_key: 'id', timestamp: 'due' },
  { name: 'plan', table: 'shop.plans', primary_key: 'code' },
]

/**
 * Each reachable from the profile in its own way. `store_plans` are as deep as may be, below rows of their own entity, of
 * one that comes twice, and two junctions over one table.
 */
export const relationships: readonly Raw[] = [
  { name: 'carts', entity: 'cart', external_id: { type: 'email', join_key: 'owner' } },
  { name: 'cart_lines', entity: 'line', parent: 'carts', join_on: { left: 'id', right: 'cart' } },
  {
    name: 'stores',
    entity: 'plan',
    parent: 'cart_lines',
    junction: {
      table: 'shop.pairs',
      left: { column: 'label', junction: 'line' },
      // A number, so that one row may be reached by several texts.
      right: { column: 'score', junction: 'region' },
    },
  },
  {
    name: 'store_carts',
    entity: 'cart',
    parent: 'stores',
    join_on: { left: 'region', right: 'region' },
  },
  {
    name: 'store_plans',
    entity: 'plan',
    parent: 'store_carts',
    junction: {
      table: 'shop.pairs',
      left: { column: 'label', junction: 'line' },
      right: { column: 'region', junction: 'region' },
    },
  },
  { name: 'cart_plans', entity: 'plan', parent: 'carts', join_on: { left: 'label', right: 'label' } },
  { name: 'plans', entity: 'plan', trait: { name: 'plan', join_key: 'label' } },
  { name: 'plan_carts', entity: 'cart', parent: 'plans', join_on: { left: 'region', right: 'region' } },
  { name: 'own_lines', entity: 'line', external_id: { type: 'user_id', join_key: 'label' } },
  { name: 'spent_plans', entity: 'plan', trait: { name: 'spent', join_key: 'region' } },
  { name: 'account_carts', entity: 'cart', account_trait: { name: 'seats', join_key: 'quantity' } },
  {
    name: 'account_lines',
    entity: 'line',
    parent: 'account_carts',
    join_on: { left: 'label', right: 'label' },
  },
  { name: 'firm_lines', entity: 'line', external_id: { type: 'group_id', join_key: 'label' } },
  {
    name: 'firm_stores',
    entity: 'plan',
    parent: 'firm_lines',
    junction: {
      table: 'shop.pairs',
      left: { column: 'label', junction: 'line' },
      right: { column: 'score', junction: 'region' },
    },
  },
  { name: 'order_plans', entity: 'plan', account_trait: { name: 'firm_orders', join_key: 'region' } },
]
const accountOwned = ['account_carts', 'account_lines', 'firm_lines', 'firm_stores', 'order_plans']
const userOwned = relationships.map(({ name }) => String(name)).filter((name) => !accountOwned.includes(name))

/** Few values, so that rows often belong to each other, some by way of several. */
const joinKeys: Readonly<Record<string, fc.Arbitrary<string | number | null>>> = {
  owner: fc.constantFrom('ann', ' Ann ', 'BOB', 'cat', null),
  cart: fc.constantFrom(1, 2, 3, 4),
  line: fc.constantFrom('a', 'b', 'ab'),
  label: fc.constantFrom('a', 'b', 'ab', 'a', 'b', '5', 'a1', null),
  quantity: fc.constantFrom(0, 1, 2, null),
  score: fc.constantFrom(1, 2, 5, 2.5, null),
}
const regions: Readonly<Record<string, fc.Arbitrary<string | number>>> = {
  carts: fc.constantFrom(1, 2, 5),
  plans: fc.constantFrom('1', '2', '5.0', 'x'),
  pairs: fc.constantFrom('1', '2', '5.0', '5', '1.0'),
}

function tableOf(name: string, keys: fc.Arbitrary<string | number | null>): fc.Arbitrary<WorldTable> {
  const kinds = columns[name] ?? {}
  const [key = ''] = Object.keys(kinds)
  const own = Object.fromEntries(
    Object.keys(kinds).flatMap((column) => {
      const value = column === 'region' ? regions[name] : joinKeys[column]
      return value === undefined ? [] : [[column, value]]
    }),
  )
  const row = fc
    .tuple(values(kinds), fc.record(own), fc.record({ [key]: keys }))
    .map(([some, joined, id]) => ({ ...some, ...joined, ...id }))
  const rows = fc
    .array(row, { minLength: 8, maxLength: 16 })
    .map((all) =>
      name === 'pairs'
        ? all
        : all.filter((each, at) => all.findIndex((other) => other[key] === each[key]) === at),
    )
  return rows.map((all) => ({ columns: kinds, rows: all }))
}

export const relatedWorlds: fc.Arbitrary<World> = fc
  .record({
    world: worlds,
    carts: tableOf('carts', fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, null)),
    lines: tableOf('lines', fc.constantFrom('l1', 'l2', 'l3', 'l4', 'l5', 'l6', 'l7', null)),
    plans: tableOf('plans', fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5')),
    pairs: tableOf('pairs', fc.constantFrom('a', 'b', 'ab', null)),
    owners: fc.record({
      ann: fc.constantFrom('u1', 'u2'),
      bob: fc.constantFrom('u1', 'u3'),
      cat: fc.constantFrom('u4', 'u5'),
    }),
    userIds: fc.record({ a: fc.constantFrom('u1', 'u2'), '5': fc.constantFrom('u3', 'u4') }),
  })
  .map(({ world, owners, userIds, ...tables }) => ({
    ...world,
    tables,
    entities,
    relationships,
    identifiers: [
      ...Object.entries(owners).map(([value, user]) => ({ type: 'email', value, user })),
      ...Object.entries(userIds).map(([value, user]) => ({ type: 'user_id', value, user })),
    ],
  }))

function kindsOf(relationship: string): Readonly<Record<string, Kind>> {
  const entity = relationships.find(({ name }) => name === relationship)?.entity
  const table = String(entities.find(({ name }) => name === entity)?.table).replace('shop.', '')
  return columns[table] ?? {}
}

function isTimed(relationship: string): boolean {
  return relationships.some(({ name, entity }) => name === relationship && entity !== 'plan')
}

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

/** The same with fewer different keys, so that rows belong to several others. */
export const denseWorlds: fc.Arbitrary<World> = relatedWorlds.map((world) => ({
  ...world,
  users: world.users.map((user) => ({ ...user, traits: { ...user.traits, plan: 'a' } })),
  accounts: world.accounts.map((account) => ({ ...account, traits: { ...account.traits, seats: 1 } })),
  tables: Object.fromEntries(
    Object.entries(world.tables ?? {}).map(([name, { columns: kinds, rows }]) => {
      const few = (row: Readonly<Record<string, Plain>>) => ({
        ...row,
        ...(kinds.owner !== undefined && { owner: row.owner === 'BOB' ? 'bob' : 'ann' }),
        ...(kinds.cart !== undefined && { cart: Number(row.cart) % 2 === 0 ? 2 : 1 }),
        ...(kinds.label !== undefined && {
          label: row.label === 'b' || row.label === 'a1' ? row.label : 'a',
        }),
        ...(kinds.line !== undefined && { line: row.line === 'b' ? 'b' : 'a' }),
        ...(kinds.region !== undefined && { region: kinds.region === 'text' ? '1' : 1 }),
        ...(name === 'carts' && { quantity: 1 }),
      })
      return [name, { columns: kinds, rows: rows.map(few) }]
    }),
  ),
}))

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
