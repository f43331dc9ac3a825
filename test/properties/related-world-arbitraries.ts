import fc from 'fast-check'
import type { Raw } from '../reference/definitions/conditions.ts'
import type { Kind, Plain } from '../reference/definitions/values.ts'
import type { World, WorldTable } from '../reference/definitions/world.ts'
import { values, worlds } from './world-arbitraries.ts'

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
export const accountOwned = ['account_carts', 'account_lines', 'firm_lines', 'firm_stores', 'order_plans']
export const userOwned = relationships
  .map(({ name }) => String(name))
  .filter((name) => !accountOwned.includes(name))

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

export function kindsOf(relationship: string): Readonly<Record<string, Kind>> {
  const entity = relationships.find(({ name }) => name === relationship)?.entity
  const table = String(entities.find(({ name }) => name === entity)?.table).replace('shop.', '')
  return columns[table] ?? {}
}

export function isTimed(relationship: string): boolean {
  return relationships.some(({ name, entity }) => name === relationship && entity !== 'plan')
}
