import { createHash } from 'node:crypto'
import { type ReferenceIdentifier, resolveSequentially } from '../identity/sequential.ts'
import { byCodePoint, type Plain } from './values.ts'
import type { World, WorldRow } from './world.ts'

/** What a source, or a row of a SQL trait, brings; times in milliseconds since 1970. */
export interface Call {
  readonly source: string
  readonly id: string
  readonly type: 'track' | 'identify' | 'group'
  readonly at: number
  readonly receivedAt: number
  /** Column → value as it was sent: `user_id`, `anonymous_id`, `email`, `group_id`. */
  readonly sent: Readonly<Record<string, Plain>>
  readonly event?: string
  /** Properties of an event, traits of the other calls. */
  readonly values: Readonly<Record<string, Plain>>
}

export type Row = Readonly<Record<string, Plain>>

/** A SQL trait and what the columns of its select are for. */
export interface SqlTrait {
  readonly name: string
  readonly entity: 'user' | 'account'
  readonly keys: readonly string[]
  readonly identifiers: readonly string[]
  readonly links: readonly string[]
  readonly columns: readonly string[]
  /** Whether its rows bring calls: none, in the run that reads them, or, where they are of that run's profiles, in the next. */
  readonly brings: 'nothing' | 'now' | 'next'
}

export interface Run {
  readonly asOf: string
  /** Those that no earlier run has seen. */
  readonly calls: readonly Call[]
  /** What the select of a trait returns. @param world without SQL traits that are not read yet */
  rowsOf(trait: SqlTrait, world: World): readonly Row[]
}

export interface Pipeline
  extends Pick<World, 'userTraits' | 'accountTraits' | 'events' | 'tables' | 'entities' | 'relationships'> {
  readonly traits: readonly SqlTrait[]
  /** In priority order. */
  readonly limits: readonly { readonly type: string; readonly limit: number }[]
}

interface LoggedCall {
  readonly place: number
  readonly others: readonly (string | null)[]
}

type Place = Pick<Call, 'receivedAt' | 'id' | 'source'>

/** What a run finds; violations as `reason: identifier`. */
export interface Found {
  readonly world: World
  readonly violations: readonly string[]
}

/** What each of the runs finds, one after the other. Users are called after their first identifier. */
export function worldsOf(pipeline: Pipeline, runs: readonly Run[]): readonly Found[] {
  const taken: Call[] = []
  const named = new Set<string>()
  const logs = new Map<string, LoggedCall>()
  let waiting: readonly Call[] = []
  let last: Place | undefined
  return runs.map((run) => {
    const bring = (trait: SqlTrait, rows: readonly Row[]): readonly Call[] => {
      if (trait.brings === 'nothing') return []
      if (trait.entity === 'account') for (const row of rows) named.add(identifierOf(row, trait).value)
      return rows.flatMap((row) => callsOf(trait, row, Date.parse(run.asOf), logs))
    }
    const early = pipeline.traits.filter(({ brings }) => brings === 'now')
    const { world: nothing } = worldOf(pipeline, run, [], new Set())
    const arriving = [
      ...run.calls,
      ...waiting,
      ...early.flatMap((trait) => bring(trait, run.rowsOf(trait, nothing))),
    ].sort(byArrival)
    waiting = []
    // What lands behind comes after what was taken in, and before what is newer.
    const before = last
    const late = arriving.filter((call) => before !== undefined && byArrival(call, before) < 0)
    const others = arriving.filter((call) => !late.includes(call))
    taken.push(...late, ...others)
    last = others.at(-1) ?? last
    const found = worldOf(pipeline, run, taken, named)
    let { world } = found
    for (const trait of pipeline.traits) {
      const rows = run.rowsOf(trait, world)
      world = withColumns(world, trait, rows)
      if (trait.brings === 'next') waiting = [...waiting, ...bring(trait, rows)]
    }
    return { ...found, world }
  })
}

/** By arrival, then by ids. */
function byArrival(left: Place, right: Place): number {
  return (
    left.receivedAt - right.receivedAt ||
    byCodePoint(left.id, right.id) ||
    byCodePoint(left.source, right.source)
  )
}

function sent(value: Plain | undefined): string | null {
  const text = value === undefined || value === null ? '' : String(value).trim()
  return text === '' ? null : text
}

function normal(type: string, value: string): string {
  return type === 'email' ? value.toLowerCase() : value
}

/** The one identifier that a row is of. */
function identifierOf(row: Row, { keys }: Pick<SqlTrait, 'keys'>): { type: string; value: string } {
  for (const type of keys) {
    const value = sent(row[type])
    if (value !== null) return { type, value: normal(type, value) }
  }
  throw new Error('a row without identifier')
}

/** A call when a row is first seen, and when an identifier beside its own is another; of a link only where there is one. */
function callsOf(trait: SqlTrait, row: Row, at: number, logs: Map<string, LoggedCall>): readonly Call[] {
  const key = identifierOf(row, trait)
  const call = (type: 'identify' | 'group', columns: readonly string[]): readonly Call[] => {
    const log = `${trait.name}:${type}:${key.type}:${key.value}`
    const before = logs.get(log)
    const others = columns.map((column) => sent(row[column]))
    const isOther = others.some((value, index) => value !== null && value !== before?.others[index])
    if (before !== undefined && !isOther) return []
    if (type === 'group' && others.every((value) => value === null)) return []
    const place = (before?.place ?? 0) + 1
    logs.set(log, { place, others })
    const all = Object.fromEntries([...trait.keys, ...columns].map((column) => [column, sent(row[column])]))
    const { user_id: _, anonymous_id: __, group_id: ___, ...values } = all
    return [
      {
        source: `trait.${trait.name}`,
        // Says in which order the calls of one run are taken in.
        id: createHash('md5').update(`${trait.name}:${type}:${key.type}:${place}:${key.value}`).digest('hex'),
        type,
        at,
        receivedAt: at,
        sent: all,
        values: type === 'identify' ? values : {},
      },
    ]
  }
  return [
    ...(trait.entity === 'user' ? call('identify', trait.identifiers) : []),
    ...(trait.links.length === 0 ? [] : call('group', trait.links)),
  ]
}

function identifiersOn({ sent: all }: Call): readonly ReferenceIdentifier[] {
  return ['user_id', 'email', 'anonymous_id'].flatMap((type) => {
    const value = sent(all[type])
    return value === null ? [] : [{ type, value: normal(type, value), location: 1 }]
  })
}

/** Profiles, accounts and what calls say of them, without SQL traits. */
function worldOf(pipeline: Pipeline, run: Run, calls: readonly Call[], named: ReadonlySet<string>): Found {
  const resolved = resolveSequentially([
    {
      rules: pipeline.limits,
      events: calls.map((call, index) => ({
        arrival: index + 1,
        time: call.at,
        identifiers: identifiersOn(call),
      })),
    },
  ])
  const canonical = new Map(resolved.updates.map((update) => [update.profile, update.canonical]))
  const held = new Map<number, string[]>()
  for (const [key, link] of resolved.identifiers)
    held.set(link.canonical, [...(held.get(link.canonical) ?? []), key].sort(byCodePoint))
  const userOf = (index: number): string | undefined =>
    held.get(canonical.get(resolved.stamps.get(index + 1) ?? 0) ?? 0)?.[0]
  const groups = calls.flatMap((call, index) => {
    const account = sent(call.sent.group_id)
    return call.type === 'group' && account !== null ? [{ account, user: userOf(index) }] : []
  })
  const traitsOf = (type: Call['type'], belongs: (call: Call, index: number) => boolean) =>
    newest(
      calls.filter(
        (call, index) => call.type === type && call.at <= Date.parse(run.asOf) && belongs(call, index),
      ),
    )
  const world: World = {
    ...pipeline,
    asOf: run.asOf,
    users: [...held.values()].map((keys) => ({
      id: keys[0] ?? '',
      known: keys.some((key) => /^(user_id|email):/.test(key)),
      traits: traitsOf('identify', (_, index) => userOf(index) === keys[0]),
    })),
    accounts: [...new Set([...groups.map(({ account }) => account), ...named])].map((id) => ({
      id,
      users: [...new Set(groups.flatMap(({ account, user = '' }) => (account === id ? [user] : [])))].filter(
        (user) => user !== '',
      ),
      traits: traitsOf('group', (call) => sent(call.sent.group_id) === id),
    })),
    rows: calls.flatMap((call, index): readonly WorldRow[] => {
      const user = userOf(index)
      if (call.event === undefined || user === undefined) return []
      const { id, event, source, at, values: properties } = call
      return [{ id, event, source, user, at: new Date(at).toISOString(), properties, contexts: {} }]
    }),
    identifiers: [...held.values()].flatMap((keys) =>
      keys.map((key) => {
        const [type = '', value = ''] = key.split(':')
        return { type, value, user: keys[0] ?? '' }
      }),
    ),
  }
  return {
    world,
    violations: resolved.violations.map(({ reason, identifier }) => `${reason}: ${identifier ?? ''}`).sort(),
  }
}

/** Of each trait the value of the latest call that has one, the later to arrive where times are equal. */
function newest(calls: readonly Call[]): Record<string, Plain> {
  const found: Record<string, Plain> = {}
  // They come in order of arrival, which sorting keeps.
  for (const { values } of [...calls].sort((a, b) => a.at - b.at))
    for (const [name, value] of Object.entries(values)) if (value !== null) found[name] = value
  return found
}

/**
 * The columns of rows as traits of those who have their identifiers: of several the row of a user id before that of an
 * anonymous id, then the first. Who has no row has none of them, whatever calls say.
 */
function withColumns(world: World, trait: SqlTrait, rows: readonly Row[]): World {
  const columnsOf = (keys: readonly string[]): Row => {
    const own = rows
      .map((row) => ({ row, key: identifierOf(row, trait) }))
      .filter(({ key }) => keys.includes(`${key.type}:${key.value}`))
      .sort((a, b) => byCodePoint(b.key.type, a.key.type) || byCodePoint(a.key.value, b.key.value))[0]?.row
    return Object.fromEntries(trait.columns.map((column) => [column, own?.[column] ?? null]))
  }
  if (trait.entity === 'account')
    return {
      ...world,
      accounts: world.accounts.map((account) => ({
        ...account,
        traits: { ...account.traits, ...columnsOf([`group_id:${account.id}`]) },
      })),
    }
  return {
    ...world,
    users: world.users.map((user) => {
      const keys = world.identifiers?.flatMap((each) =>
        each.user === user.id ? [`${each.type}:${each.value}`] : [],
      )
      return { ...user, traits: { ...user.traits, ...columnsOf(keys ?? []) } }
    }),
  }
}
