import {
  compareCount,
  inWindow,
  isFollowed,
  isFrom,
  isSince,
  list,
  type Raw,
  record,
  testHolds,
  testsOf,
  whereHolds,
} from './conditions.ts'
import { ownerOf, rowsHold } from './relationships.ts'
import { reduceEvents, timesOf } from './traits.ts'
import type { Typed } from './values.ts'
import { typedTraits, type World, type WorldAccount, type WorldRow, type WorldUser } from './world.ts'

/** Members of audiences by name, for conditions on membership. */
export type Members = ReadonlyMap<string, { readonly entity: string; readonly ids: ReadonlySet<string> }>

/** Ids of the members, one eligible profile after another. */
export function evaluateAudience(world: World, raw: Raw, members: Members): ReadonlySet<string> {
  const match = raw.match
  const conditions = since(raw.history_since, Array.isArray(match) ? { all: match } : record(match))
  if (raw.entity === 'account')
    return new Set(
      world.accounts
        .filter((account) => accountHolds(world, account, conditions, members))
        .map(({ id }) => id),
    )
  const eligible = world.users.filter(({ known }) => known || raw.include_anonymous === true)
  return new Set(
    eligible.filter((user) => userHolds(world, user, undefined, conditions, members)).map(({ id }) => id),
  )
}

/** The conditions with the history of their audience in each that is on events. */
function since(history: unknown, condition: unknown): Raw {
  if (Array.isArray(condition)) return { all: condition.map((inner) => since(history, inner)) }
  const raw = record(condition)
  if (raw.event !== undefined) return { ...raw, history_since: history }
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => [
      key,
      key === 'all' || key === 'any'
        ? list(value).map((inner) => since(history, inner))
        : ['not', 'any_user', 'all_users', 'none_of_users'].includes(key)
          ? since(history, value)
          : value,
    ]),
  )
}

export function accountHolds(world: World, account: WorldAccount, raw: Raw, members: Members): boolean {
  const inner = (condition: Raw): boolean => accountHolds(world, account, condition, members)
  if (raw.all !== undefined) return list(raw.all).every(inner)
  if (raw.any !== undefined) return list(raw.any).some(inner)
  if (raw.not !== undefined) return !inner(record(raw.not))
  const users = world.users.filter(({ id }) => account.users.includes(id))
  const holds = (condition: unknown) => (user: WorldUser) =>
    userHolds(
      world,
      user,
      account,
      Array.isArray(condition) ? { all: condition } : record(condition),
      members,
    )
  if (raw.any_user !== undefined) return users.some(holds(raw.any_user))
  if (raw.all_users !== undefined) return users.length > 0 && users.every(holds(raw.all_users))
  if (raw.none_of_users !== undefined) return !users.some(holds(raw.none_of_users))
  if (raw.event !== undefined) return users.some(holds(raw))
  if (raw.relationship !== undefined)
    return ownerOf(world, raw.relationship) === 'account'
      ? rowsHold(
          world,
          { entity: 'account', ...account },
          raw,
          typedTraits(account.traits, world.accountTraits),
        )
      : users.some(holds(raw))
  if (raw.audience !== undefined) {
    const of = members.get(String(raw.audience))
    return of?.entity === 'account'
      ? of.ids.has(account.id)
      : users.some(({ id }) => of?.ids.has(id) ?? false)
  }
  return traitHolds(world, raw, typedTraits(account.traits, world.accountTraits))
}

export function userHolds(
  world: World,
  user: WorldUser,
  account: WorldAccount | undefined,
  raw: Raw,
  members: Members,
): boolean {
  const inner = (condition: Raw): boolean => userHolds(world, user, account, condition, members)
  if (raw.all !== undefined) return list(raw.all).every(inner)
  if (raw.any !== undefined) return list(raw.any).some(inner)
  if (raw.not !== undefined) return !inner(record(raw.not))
  const traits = typedTraits(user.traits, world.userTraits)
  if (raw.event !== undefined) return eventsHold(world, user, raw, traits)
  const accounts =
    account === undefined ? world.accounts.filter(({ users }) => users.includes(user.id)) : [account]
  if (raw.audience !== undefined) {
    const of = members.get(String(raw.audience))
    if (of?.entity !== 'account') return of?.ids.has(user.id) ?? false
    return accounts.some(({ id }) => of.ids.has(id))
  }
  if (raw.relationship !== undefined) {
    return ownerOf(world, raw.relationship) === 'account'
      ? accounts.some((each) => rowsHold(world, { entity: 'account', ...each }, raw, traits))
      : rowsHold(world, { entity: 'user', ...user }, raw, traits)
  }
  if (raw.account_trait !== undefined) {
    // On the right stand traits of the user still.
    return accounts.some((each) =>
      traitHolds(world, raw, traits, typedTraits(each.traits, world.accountTraits)),
    )
  }
  return traitHolds(world, raw, traits)
}

function traitHolds(
  world: World,
  raw: Raw,
  traits: Readonly<Record<string, Typed>>,
  left: Readonly<Record<string, Typed>> = traits,
): boolean {
  const value = left[String(raw.trait ?? raw.account_trait)]
  const lookup = { asOf: Date.parse(world.asOf), trait: (name: string) => traits[name] }
  return testsOf(raw, ['trait', 'account_trait']).every(([operator, right]) =>
    testHolds(value, operator, right, lookup),
  )
}

const reducers = [
  'sum',
  'avg',
  'min',
  'max',
  'median',
  'percentile',
  'most_frequent',
  'first',
  'last',
  'unique_list',
  'unique_list_count',
]
const filters = ['event', 'where', 'then', 'within', 'between', 'since', 'until', 'session']
const options = ['min_frequency', 'p', 'as', 'exclude_sources', 'history_since']

function eventsHold(
  world: World,
  user: WorldUser,
  raw: Raw,
  traits: Readonly<Record<string, Typed>>,
): boolean {
  const lookup = { asOf: Date.parse(world.asOf), trait: (name: string) => traits[name] }
  const counts = (row: WorldRow): boolean =>
    raw.then === undefined || isFollowed(world, row, record(raw.then), lookup)
  const type = reducers.find((reducer) => raw[reducer] !== undefined)
  if (type === undefined) return compareCount(countEvents(world, user, raw, traits, counts), raw.count)
  const value = reduceEvents(world, { ...raw, type, property: raw[type] }, [user.id], traits, counts)
  return testsOf(raw, [...filters, ...options, type]).every(([operator, right]) =>
    testHolds(value, operator, right, lookup),
  )
}

function countEvents(
  world: World,
  user: WorldUser,
  raw: Raw,
  traits: Readonly<Record<string, Typed>>,
  counts: (row: WorldRow) => boolean,
): number {
  const asOf = Date.parse(world.asOf)
  const trait = (name: string): Typed | undefined => traits[name]
  const all = timesOf(world, raw, [user.id])
  return world.rows.filter(
    (row) =>
      row.user === user.id &&
      Date.parse(row.at) <= asOf &&
      row.event === raw.event &&
      isFrom(raw, row) &&
      isSince(raw.history_since, row) &&
      inWindow(raw, Date.parse(row.at), asOf, all) &&
      whereHolds(world, row, list(raw.where), { asOf, trait }) &&
      counts(row),
  ).length
}
