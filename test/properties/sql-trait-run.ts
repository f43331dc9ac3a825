import type { Raw } from '../reference/definitions/conditions.ts'
import { formulaText } from '../reference/definitions/formulas.ts'
import type { Call, Row } from '../reference/definitions/sql-traits.ts'
import type { Kind, Plain } from '../reference/definitions/values.ts'
import type { Scenario } from '../support/scenario.ts'
import { baseTraits } from './base-traits.ts'
import { type Drawn, entities, relationships, stagedAudiences } from './sql-trait-definitions.ts'
import {
  dealColumns,
  type GivenRuns,
  hidingColumns,
  properties,
  type Shape,
  sentTraits,
  sqlColumns,
  type Table,
  tables,
} from './sql-trait-rows.ts'

const callColumns = { id: 'text', name: 'text', at: 'timestamp', loaded: 'timestamp' } as const
const people = { user_id: 'text', anonymous_id: 'text' } as const
/** A table for each kind of call, by source. */
const sources = {
  web: { type: 'track', sent: people, values: properties },
  people: { type: 'identify', sent: { ...people, email: 'text' }, values: sentTraits.user },
  firms: { type: 'group', sent: { ...people, group_id: 'text' }, values: sentTraits.account },
} as const satisfies Readonly<
  Record<
    string,
    { type: Call['type']; sent: Readonly<Record<string, Kind>>; values: Readonly<Record<string, Kind>> }
  >
>

const same = (kinds: Readonly<Record<string, Kind>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(kinds).map((name) => [name, name]))

/** Orders as the profiles of the same run have them, by a user id of each. */
const seenSql = `select min(identifiers.value) as user_id, max(orders.known_orders) as seen_orders
from {{ref 'known_orders'}} as orders
inner join {{ref 'user_identifiers'}} as identifiers
  on identifiers.canonical_segment_id = orders.canonical_segment_id
where identifiers.type = 'user_id'
group by orders.canonical_segment_id`

export function entityOf(table: string): 'user' | 'account' {
  return table === 'firm' || table === 'org' ? 'account' : 'user'
}

export function tableColumns(table: Table, { keys, numeric, beside, hides }: Shape): Record<string, Kind> {
  return {
    ...Object.fromEntries(keys.map((key) => [key, numeric ? 'integer' : 'text'])),
    ...Object.fromEntries(beside.map((key) => [key, 'text'])),
    ...sqlColumns[table],
    ...(hides && hidingColumns[table]),
  }
}

function selectOf(schema: string, table: Table, shape: Shape): string {
  const columns = Object.keys(tableColumns(table, shape)).map((column) =>
    column === 'crm_day' ? `cast(${table}.crm_day as date) as crm_day` : `${table}.${column}`,
  )
  const known = `inner join {{ref 'user_identifiers'}} as known
  on known.type = '${shape.keys[0]}' and known.value = ${table}.${shape.keys[0]}`
  return `select ${columns.join(', ')}\nfrom {{source '${schema}' '${table}'}} as ${table}${shape.late ? `\n${known}` : ''}`
}

/** Writes the project. */
export async function defineProject(scenario: Scenario, runs: GivenRuns, drawn: Drawn): Promise<void> {
  const sql = Object.entries(runs.tables).map(
    ([name, { shape }]): Raw => ({
      name,
      entity: entityOf(name),
      type: 'sql',
      file: `${name}.sql`,
      ...(shape.create !== undefined && { create_profiles: shape.create }),
    }),
  )
  const formulas = drawn.formulas.map(
    ({ formula, ...rest }): Raw => ({
      ...rest,
      type: 'formula',
      expression: formulaText(formula),
    }),
  )
  const project = {
    sources: Object.entries(sources).map(([name, { type, sent, values }]) => ({
      name,
      format: 'table',
      table: `shop.${name}`,
      type,
      ...(type === 'track' && { event: { column: 'name' } }),
      id: 'id',
      timestamp: 'at',
      loaded_at: 'loaded',
      identifiers: same(sent),
      properties: same(values),
    })),
    identity: {
      identifiers: [
        { type: 'user_id', limit: runs.userLimit },
        { type: 'email', limit: 5 },
        { type: 'anonymous_id', limit: 5 },
      ],
    },
    entities,
    relationships,
    traits: [
      ...[...baseTraits, ...sql, { name: 'seen', type: 'sql', file: 'seen.sql' }],
      ...[...formulas, ...drawn.traits, ...drawn.rowTraits],
    ],
    audiences: [...stagedAudiences, ...drawn.audiences],
  }
  const schema = scenario.schemaOf('shop')
  const selects = tables.map((table) => [
    `models/${table}.sql`,
    selectOf(schema, table, runs.tables[table].shape),
  ])
  await scenario.define({
    'models/all.yml': JSON.stringify(project),
    'models/seen.sql': seenSql,
    ...Object.fromEntries(selects),
  })
}

/** Writes the sources and tables as they are before a run. */
export async function giveRun(scenario: Scenario, runs: GivenRuns, run: number): Promise<void> {
  const { adapter } = scenario
  const schema = scenario.schemaOf('shop')
  const load = async (name: string, kinds: Readonly<Record<string, Kind>>, rows: readonly Row[]) => {
    async function* each() {
      for (const row of rows) yield Object.keys(kinds).map((column) => scalar(row[column], kinds[column]))
    }
    const columns = Object.entries(kinds).map(([column, type]) => ({ name: column, type }))
    await adapter.load({ schema, name }, columns, each())
  }
  for (const [name, { sent, values }] of Object.entries(sources)) {
    const calls = runs.calls.slice(0, run + 1).flat()
    const own = calls.filter(({ source }) => source === name)
    await load(name, { ...callColumns, ...sent, ...values }, own.map(rowOf))
  }
  await load('deals', dealColumns, runs.deals)
  for (const table of tables) {
    const { shape, rows } = runs.tables[table]
    await load(table, tableColumns(table, shape), rows[run] ?? [])
  }
}

function rowOf({ id, event, at, receivedAt, sent, values }: Call): Row {
  const instant = (ms: number): string => new Date(ms).toISOString()
  return { id, name: event ?? null, at: instant(at), loaded: instant(receivedAt), ...sent, ...values }
}

function scalar(value: Plain | undefined, kind: Kind | undefined): string | number | boolean | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'object') throw new Error('no lists here')
  return kind === 'integer' ? Number(value) : value
}

export interface Answered {
  /** Traits and audiences by user or account; of users the first identifier stands for all, which are under `identifiers`. */
  readonly users: Readonly<Record<string, Row>>
  readonly accounts: Readonly<Record<string, Row>>
  readonly identifiers: Readonly<Record<string, readonly string[]>>
  /** As `reason: identifier`. */
  readonly violations: readonly string[]
  readonly members: Readonly<Record<string, readonly string[]>>
}

/** What a run has published. */
export async function answered({ rows }: Scenario): Promise<Answered> {
  const held = new Map<string, string[]>()
  for (const row of await rows('select canonical_segment_id, type, value from {schema}.user_identifiers')) {
    const id = String(row.canonical_segment_id)
    held.set(id, [...(held.get(id) ?? []), `${row.type}:${row.value}`].sort())
  }
  const nameOf = (id: unknown): string => held.get(String(id))?.[0] ?? `nobody: ${id}`
  const users = await rows('select * from {schema}.profile_traits where merged_to is null')
  const accounts = await rows('select * from {schema}.account_traits')
  const links = await rows('select account_id, canonical_segment_id from {schema}.account_users')
  const violations = await rows(
    'select reason, identifier_type, identifier_value from {schema}.identity_violations',
  )
  const ids = accounts.map(({ account_id: id }) => String(id))
  return {
    users: Object.fromEntries(users.map((row) => [nameOf(row.canonical_segment_id), row])),
    accounts: Object.fromEntries(accounts.map((row) => [String(row.account_id), row])),
    identifiers: Object.fromEntries([...held.values()].map((keys) => [keys[0] ?? '', keys])),
    violations: violations
      .map(({ reason, identifier_type: type, identifier_value: value }) =>
        type === null ? `${reason}: ` : `${reason}: ${type}:${value}`,
      )
      .sort(),
    members: Object.fromEntries(
      ids.map((id) => [
        id,
        links
          .filter((link) => link.account_id === id)
          .map((link) => nameOf(link.canonical_segment_id))
          .sort(),
      ]),
    ),
  }
}
