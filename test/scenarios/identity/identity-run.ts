import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import type { BlockedValue, Frequency, IdentityRules } from '../../../src/definitions/definitions.ts'
import type { Dialect } from '../../../src/dialects/dialect.ts'
import { compileIdentity, type IdentityPlan } from '../../../src/identity/compile-identity.ts'
import { relation } from '../../../src/ir/relation.ts'
import { runSteps } from '../../../src/runner/run-steps.ts'
import { prepareTemplates, type Templates } from '../../../src/sql/templates.ts'

/** A warehouse to run statements in; an adapter is one. */
export type Warehouse = Pick<Adapter, 'execute' | 'query' | 'transaction' | 'dialect'>

export interface GivenEvent {
  readonly arrival: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly identifiers: readonly {
    readonly type: string
    readonly value: string
    readonly location: number
  }[]
  readonly id?: string
  readonly type?: string
}

export interface GivenRule {
  readonly type: string
  readonly limit: number
  readonly frequency: Frequency
  readonly blocked?: readonly BlockedValue[]
}

export function rulesOf(given: readonly GivenRule[]): IdentityRules {
  return {
    identifiers: given.map((rule, index) => ({
      type: rule.type,
      priority: index + 1,
      limit: rule.limit,
      frequency: rule.frequency,
      blocked: rule.blocked ?? [],
      normalize: 'none',
      locations: ['traits'],
    })),
  }
}

export function identityTemplates(): Templates {
  const folder = resolve(import.meta.dirname, '../../../templates/identity')
  const sources = readdirSync(folder).map((file): [string, string] => [
    `identity/${file.replace('.sql.hbs', '')}`,
    readFileSync(join(folder, file), 'utf8'),
  ])
  return prepareTemplates(new Map(sources))
}

const startMs = Date.UTC(2026, 0, 1)

/** Writes `run`, `events` and `event_identifiers`, as the nodes before identity would. */
export async function giveEvents(
  warehouse: Warehouse,
  workSchema: string,
  events: readonly GivenEvent[],
): Promise<void> {
  const { dialect } = warehouse
  const create = async (name: string, select: string): Promise<void> => {
    for (const sql of dialect.createTableAs(relation(workSchema, name), select)) await warehouse.execute(sql)
  }
  for (const sql of dialect.createSchema(workSchema)) await warehouse.execute(sql)
  await create('run', `select 'run_1' as run_id, ${dialect.timestamp('2026-06-01T00:00:00Z')} as as_of`)
  const integer = dialect.typeName('integer')
  await create(
    'events',
    `select cast(0 as ${integer}) as arrival, 'web' as source, '' as event_id, '' as type, ${dialect.nullOf('text')} as event, ` +
      `${dialect.nullOf('timestamp')} as timestamp, ${dialect.nullOf('timestamp')} as received_at where 1 = 0`,
  )
  await create(
    'event_identifiers',
    `select cast(0 as ${integer}) as arrival, '' as identifier_type, '' as identifier_value, cast(0 as ${integer}) as location where 1 = 0`,
  )
  const insert = async (name: string, rows: readonly string[]): Promise<void> => {
    for (let from = 0; from < rows.length; from += 5000) {
      const values = rows.slice(from, from + 5000).join(',\n')
      await warehouse.execute(`insert into ${dialect.relation(relation(workSchema, name))} values ${values}`)
    }
  }
  const timestamp = (ms: number): string =>
    `timestamp '${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')}'`
  await insert(
    'events',
    events.map((event) => {
      const id = dialect.text(event.id ?? `e${event.arrival}`)
      const received = timestamp(startMs + event.arrival * 1000)
      return `(${event.arrival}, 'web', ${id}, '${event.type ?? 'track'}', null, ${timestamp(event.time)}, ${received})`
    }),
  )
  await insert(
    'event_identifiers',
    events.flatMap((event) =>
      event.identifiers.map(
        (found) =>
          `(${event.arrival}, ${dialect.text(found.type)}, ${dialect.text(found.value)}, ${found.location})`,
      ),
    ),
  )
}

export interface RunIdentity {
  readonly workSchema: string
  readonly rules: readonly GivenRule[]
  readonly hardLimits?: { readonly mappings: number; readonly merges: number }
}

export function identityPlan(dialect: Dialect, input: RunIdentity): IdentityPlan {
  const { workSchema, hardLimits } = input
  return compileIdentity({
    rules: rulesOf(input.rules),
    dialect,
    templates: identityTemplates(),
    workSchema,
    ...(hardLimits === undefined ? {} : { hardLimits }),
  })
}

export async function runIdentity(warehouse: Warehouse, input: RunIdentity): Promise<IdentityPlan> {
  const plan = identityPlan(warehouse.dialect, input)
  await runSteps(warehouse, plan.steps)
  return plan
}
