import { inWindow, type Lookup, list, type Raw, record, testHolds, testsOf } from './conditions.ts'
import { evaluateTrait } from './traits.ts'
import { type Plain, sameValue, type Typed, textOf } from './values.ts'
import { typedTraits, type World, type WorldRow } from './world.ts'

type Row = Readonly<Record<string, Plain>>

/** A user or an account. */
export interface Subject {
  readonly entity: 'user' | 'account'
  readonly id: string
  readonly traits: Readonly<Record<string, Plain>>
}

/** A row that is judged, with the rows above it by relationship. */
export interface Place {
  readonly relationship: string
  readonly row: Row
  readonly above: readonly Place[]
}

function subjectsOf(world: World, entity: unknown): readonly Subject[] {
  return entity === 'account'
    ? world.accounts.map(({ id, traits }) => ({ entity: 'account', id, traits }))
    : world.users.map(({ id, traits }) => ({ entity: 'user', id, traits }))
}

function find(all: readonly Raw[] | undefined, name: unknown): Raw {
  const found = all?.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no ${String(name)}`)
  return found
}

/** Whose rows a relationship's are. */
export function ownerOf(world: World, name: unknown): 'user' | 'account' {
  const raw = find(world.relationships, name)
  if (raw.parent !== undefined) return ownerOf(world, raw.parent)
  if (raw.account_trait !== undefined) return 'account'
  return raw.external_id !== undefined && record(raw.external_id).type === 'group_id' ? 'account' : 'user'
}

function entityOf(world: World, name: unknown): Raw {
  return find(world.entities, find(world.relationships, name).entity)
}

function tableOf(world: World, table: unknown) {
  const found = world.tables?.[String(table).replace('shop.', '')]
  if (found === undefined) throw new Error(`no table ${String(table)}`)
  return found
}

function typed(world: World, table: unknown, row: Row, column: unknown): Typed {
  const kind = tableOf(world, table).columns[String(column)]
  if (kind === undefined) throw new Error(`no column ${String(column)}`)
  return { kind, value: row[String(column)] ?? null }
}

function columnOf(world: World, relationship: unknown, row: Row, column: unknown): Typed {
  return typed(world, entityOf(world, relationship).table, row, column)
}

const found = new WeakMap<World, Map<string, readonly Row[]>>()

/** As {@link findRows}, which nested conditions ask again and again. */
function rowsOf(world: World, name: string, subject: Subject): readonly Row[] {
  const known = found.get(world) ?? new Map<string, readonly Row[]>()
  found.set(world, known)
  const key = `${name}:${subject.entity}:${subject.id}`
  const rows = known.get(key) ?? findRows(world, name, subject)
  known.set(key, rows)
  return rows
}

/** The rows of a relationship that belong to a user or account, each once. */
function findRows(world: World, name: string, subject: Subject): readonly Row[] {
  const raw = find(world.relationships, name)
  const { table, primary_key: key } = entityOf(world, name)
  const rows = tableOf(world, table).rows.filter((row) => row[String(key)] !== null)
  if (raw.parent !== undefined) {
    const above = rowsOf(world, String(raw.parent), subject)
    return rows.filter((row) => above.some((each) => isLinked(world, raw, each, row)))
  }
  const own = (join: Raw) => (row: Row) => columnOf(world, name, row, join.join_key)
  if (raw.external_id !== undefined) {
    const join = record(raw.external_id)
    return rows.filter((row) => {
      const text = textOf(own(join)(row))?.trim()
      if (join.type === 'group_id') return text === subject.id
      const value = join.type === 'email' ? text?.toLowerCase() : text
      return world.identifiers?.some(
        (each) => each.type === join.type && each.value === value && each.user === subject.id,
      )
    })
  }
  const join = record(raw.trait ?? raw.account_trait)
  const kinds = subject.entity === 'user' ? world.userTraits : world.accountTraits
  const trait = typedTraits(subject.traits, kinds)[String(join.name)]
  return rows.filter((row) => trait !== undefined && sameValue(trait, own(join)(row)))
}

function isLinked(world: World, raw: Raw, above: Row, row: Row): boolean {
  if (raw.join_on !== undefined) {
    const { left, right } = record(raw.join_on)
    return sameValue(columnOf(world, raw.parent, above, left), columnOf(world, raw.name, row, right))
  }
  const { table, left, right } = record(raw.junction)
  const [near, far] = [record(left), record(right)]
  return tableOf(world, table).rows.some(
    (pair) =>
      sameValue(columnOf(world, raw.parent, above, near.column), typed(world, table, pair, near.junction)) &&
      sameValue(typed(world, table, pair, far.junction), columnOf(world, raw.name, row, far.column)),
  )
}

export function conditionsOf(raw: Raw): readonly Raw[] {
  return [...list(raw.where), ...list(raw.with)]
}

export function rowHolds(world: World, subject: Subject, place: Place, condition: Raw): boolean {
  const inner = (each: Raw): boolean => rowHolds(world, subject, place, each)
  if (condition.all !== undefined) return list(condition.all).every(inner)
  if (condition.any !== undefined) return list(condition.any).some(inner)
  if (condition.not !== undefined) return !inner(record(condition.not))
  if (condition.relationship !== undefined)
    return compareCount(countRows(world, subject, condition, place), condition)
  const kinds = subject.entity === 'user' ? world.userTraits : world.accountTraits
  const traits = typedTraits(subject.traits, kinds)
  const lookup: Lookup = {
    asOf: Date.parse(world.asOf),
    trait: (name) => traits[name],
    column(name, of) {
      const at = [place, ...place.above].find(
        ({ relationship }) => relationship === (of ?? place.relationship),
      )
      return at && columnOf(world, at.relationship, at.row, name)
    },
  }
  const value =
    condition.trait === undefined
      ? columnOf(world, place.relationship, place.row, condition.column)
      : traits[String(condition.trait)]
  return testsOf(condition, ['trait', 'column']).every(([operator, right]) =>
    testHolds(value, operator, right, lookup),
  )
}

/** How many rows a condition counts. */
function countRows(world: World, subject: Subject, raw: Raw, above?: Place): number {
  return countedRows(world, subject, raw, above).length
}

/** The rows that a condition counts, of the subject or below another row; sessions left aside. */
export function countedRows(world: World, subject: Subject, raw: Raw, above?: Place): readonly Place[] {
  const name = String(raw.relationship)
  const asOf = Date.parse(world.asOf)
  const windowed = ['within', 'between', 'since', 'until'].some((key) => raw[key] !== undefined)
  const placeOf = (row: Row): Place => ({
    relationship: name,
    row,
    above: above === undefined ? [] : [above, ...above.above],
  })
  const rows = rowsOf(world, name, subject).filter((row) => {
    if (above !== undefined && !isLinked(world, find(world.relationships, name), above.row, row)) return false
    const at = Date.parse(String(row[String(entityOf(world, name).timestamp)]))
    if (windowed && !(at <= asOf && inWindow(raw, at, asOf, []))) return false
    return conditionsOf(raw).every((condition) => rowHolds(world, subject, placeOf(row), condition))
  })
  return rows.map(placeOf)
}

function compareCount(found: number, { count }: Raw): boolean {
  const { exactly, at_most: most, at_least: least = 1 } = count === undefined ? {} : record(count)
  if (exactly !== undefined) return found === exactly
  return most === undefined ? found >= Number(least) : found <= Number(most)
}

const reducers = [
  ...['sum', 'avg', 'min', 'max', 'median', 'percentile', 'most_frequent'],
  ...['first', 'last', 'unique_list', 'unique_list_count'],
]
const notTests = [
  ...['relationship', 'where', 'with', 'within', 'between', 'since', 'until', 'session'],
  ...['min_frequency', 'p', 'as', ...reducers],
]

/**
 * Whether a user or account has as many rows as a condition asks for, or rows that are reduced to what it asks for.
 *
 * @param traits of whom the condition speaks
 */
export function rowsHold(
  world: World,
  subject: Subject,
  raw: Raw,
  traits: Readonly<Record<string, Typed>>,
): boolean {
  const type = reducers.find((reducer) => raw[reducer] !== undefined)
  if (type === undefined)
    return compareCount(
      raw.session === undefined ? countRows(world, subject, raw) : sessionRows(world, subject, raw),
      raw,
    )
  const value = reduceRows(world, subject, raw, type)
  const lookup = { asOf: Date.parse(world.asOf), trait: (name: string) => traits[name] }
  return testsOf(raw, notTests).every(([operator, right]) => testHolds(value, operator, right, lookup))
}

/** Texts of the primary keys of the subject's own rows that a condition counts. */
export function countedKeys(world: World, subject: Subject, raw: Raw): ReadonlySet<string> {
  const { primary_key: key } = entityOf(world, raw.relationship)
  const trait = asTrait({ ...raw, unique_list: key }, subject.entity, 'unique_list')
  const found = evaluateRowTrait(world, { ...trait, include_anonymous: true }).get(subject.id)
  const texts: unknown = found === undefined ? [] : JSON.parse(String(found))
  return new Set(Array.isArray(texts) ? texts.map(String) : [])
}

/** The primary key of a row as text. */
export function keyOf(world: World, { relationship, row }: Place): string {
  const { table, primary_key: key } = entityOf(world, relationship)
  return textOf(typed(world, table, row, key)) ?? ''
}

function asTrait(raw: Raw, entity: string, type: string): Raw {
  const { relationship, where, with: below, within, between, since, until, session, as, p } = raw
  const frequency = raw.min_frequency ?? 2
  const given = { where, with: below, within, between, since, until, session, as, p }
  return {
    entity,
    type,
    relationship,
    min_frequency: frequency,
    ...(type !== 'count' && { column: raw[type] }),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  }
}

/** A trait that nobody named. */
function reduceRows(world: World, subject: Subject, raw: Raw, type: string): Typed | undefined {
  const { table } = entityOf(world, raw.relationship)
  const found = evaluateRowTrait(world, {
    ...asTrait(raw, subject.entity, type),
    include_anonymous: true,
  }).get(subject.id)
  if (found === undefined) return undefined
  const kept = tableOf(world, table).columns[String(raw[type])] ?? 'text'
  switch (type) {
    case 'unique_list_count':
      return { kind: 'integer', value: found }
    case 'unique_list':
      return { kind: 'list', value: found }
    case 'most_frequent':
      return { kind: 'text', value: found }
    case 'first':
    case 'last':
      return { kind: kept, value: found }
    case 'min':
    case 'max':
      return { kind: raw.as === 'text' ? 'text' : 'number', value: found }
    default:
      return { kind: 'number', value: found }
  }
}

function sessionRows(world: World, subject: Subject, raw: Raw): number {
  const found = evaluateRowTrait(world, {
    ...asTrait(raw, subject.entity, 'count'),
    include_anonymous: true,
  }).get(subject.id)
  return Number(found ?? 0)
}

/** The value of a trait over a relationship: as that of events, each at the time of its row. */
export function evaluateRowTrait(world: World, raw: Raw): ReturnType<typeof evaluateTrait> {
  const name = String(raw.relationship)
  const { table, primary_key: key, timestamp } = entityOf(world, name)
  const windowed = ['within', 'between', 'since', 'until', 'session'].some((each) => raw[each] !== undefined)
  // Without a window rows count whenever they are; those without a time come after the others.
  const timeless = raw.type === 'last' ? '1900-01-01T00:00:00Z' : '2900-01-01T00:00:00Z'
  const subjects = subjectsOf(world, raw.entity)
  const counting = new Set<WorldRow>()
  const rows = subjects.flatMap((subject) =>
    rowsOf(world, name, subject).flatMap((row): readonly WorldRow[] => {
      const place = { relationship: name, row, above: [] }
      const counts = conditionsOf(raw).every((condition) => rowHolds(world, subject, place, condition))
      const at = row[String(timestamp)] ?? (windowed ? 'never' : timeless)
      const asEvent: WorldRow = {
        event: 'row',
        id: textOf(typed(world, table, row, key)) ?? '',
        user: subject.id,
        at: String(at),
        properties: row,
        contexts: {},
      }
      if (counts) counting.add(asEvent)
      return [asEvent]
    }),
  )
  const asEvents: World = {
    ...world,
    asOf: windowed ? world.asOf : '2999-01-01T00:00:00Z',
    users: subjects.map(({ id, traits }) => ({
      id,
      traits,
      known: world.users.find((user) => user.id === id)?.known ?? true,
    })),
    events: { row: { properties: tableOf(world, table).columns, contexts: {} } },
    rows,
  }
  const { where: _, with: __, column, ...rest } = raw
  return evaluateTrait(asEvents, { ...rest, entity: 'user', event: 'row', property: column }, (row) =>
    counting.has(row),
  )
}
