import { z } from 'zod'
import { byValueOf, type Choose, optional, strict, text, textOf } from '../config/shape.ts'
import {
  anything,
  carried,
  entity,
  historyShape,
  ignoreWarnings,
  named,
  type RawCarried,
  type RawLinted,
} from './carried-shape.ts'
import { conditionShapes, duration, instant } from './condition-shape.ts'
import type { RawHistory } from './history.ts'
import type { RawConditions } from './raw-conditions.ts'
import { traitShape } from './trait-shape.ts'

const percentage = textOf(/^(100|\d{1,2}(\.\d+)?)%$/, 'PSN2021', 'a percentage such as 20%')
const tableName = text.regex(/^[^.]+(\.[^.]+){1,2}$/, {
  error: 'must be schema.table or database.schema.table',
})

export type RawSource =
  | (RawCarried & { readonly format: 'segment'; readonly database?: string; readonly schema: string })
  | (RawCarried & {
      readonly format: 'table'
      readonly table: string
      readonly type: 'identify' | 'track' | 'page' | 'screen' | 'group'
      readonly event?: string | { readonly column: string }
      readonly id: string
      readonly timestamp: string
      readonly loaded_at?: string
      readonly identifiers?: Readonly<Record<string, string>>
      readonly properties?: Readonly<Record<string, string>>
    })

function sourceShape(choose: Choose): z.ZodType<RawSource> {
  return choose<RawSource>(
    {
      segment: strict({
        ...named,
        format: z.literal('segment'),
        database: optional(text),
        schema: text,
      }),
      table: strict({
        ...named,
        format: z.literal('table'),
        table: tableName,
        type: z.enum(['identify', 'track', 'page', 'screen', 'group']),
        event: optional(
          z.union([text, strict({ column: text })], { error: 'an event name or { column: … }' }),
        ),
        id: text,
        timestamp: text,
        loaded_at: optional(text),
        identifiers: optional(z.record(z.string(), text)),
        properties: optional(z.record(z.string(), text)),
      }),
    },
    byValueOf('format', ['segment', 'table']),
  )
}

const blocked = z.union([text, strict({ exact: text }), strict({ pattern: text })], {
  error: 'a text, { exact: … } or { pattern: … }',
})
const cut = z.union(
  [strict({ event: text, source: optional(text) }), strict({ between: z.array(text).length(2) })],
  { error: '{ event: … } or { between: [type:value, type:value] }' },
)
const identity = strict({
  identifiers: optional(
    z
      .array(
        strict({
          type: text.regex(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/, {
            error: 'must be small letters, digits, _ and dots',
          }),
          description: optional(z.string()),
          priority: optional(z.int().min(1)),
          limit: optional(z.int().min(1)),
          frequency: optional(z.enum(['ever', 'daily', 'weekly', 'monthly', 'annually'])),
          blocked: optional(z.array(blocked)),
          normalize: optional(z.enum(['none', 'lowercase'])),
          locations: optional(z.array(z.enum(['traits', 'properties', 'context_traits', 'external_ids']))),
        }),
      )
      .min(1),
  ),
  cut: optional(z.array(cut)),
  warn_cluster_size: optional(z.int().min(1)),
  max_partners: optional(z.int().min(1)),
})
export type RawIdentity = z.output<typeof identity>

const warehouseEntity = strict({ ...named, table: tableName, primary_key: text, timestamp: optional(text) })
export type RawEntity = z.output<typeof warehouseEntity>

export interface RawRelationship extends RawCarried {
  readonly entity: string
  readonly parent?: string
  readonly external_id?: { readonly type: string; readonly join_key: string }
  readonly trait?: { readonly name: string; readonly join_key: string }
  readonly account_trait?: { readonly name: string; readonly join_key: string }
  readonly join_on?: { readonly left: string; readonly right: string }
  readonly junction?: {
    readonly table: string
    readonly left: { readonly column: string; readonly junction: string }
    readonly right: { readonly column: string; readonly junction: string }
  }
  readonly relationships?: readonly RawRelationship[]
}

const byTrait = optional(strict({ name: text, join_key: text }))
const junctionSide = strict({ column: text, junction: text })
const relationship: z.ZodType<RawRelationship> = strict({
  ...named,
  entity: text,
  parent: optional(text),
  external_id: optional(strict({ type: text, join_key: text })),
  trait: byTrait,
  account_trait: byTrait,
  join_on: optional(strict({ left: text, right: text })),
  junction: optional(strict({ table: tableName, left: junctionSide, right: junctionSide })),
  relationships: z.lazy(() => optional(z.array(relationship))),
})

export type RawAudience = RawCarried &
  RawLinted &
  RawHistory & {
    readonly entity?: 'user' | 'account'
    readonly include_anonymous?: boolean
  } & ({ readonly match: RawConditions } | { readonly query: string })

const destination = z.looseObject({ ...named, type: text })
export type RawDestination = z.output<typeof destination>

const sync = strict({
  ...named,
  from: z.union(
    [
      strict({ audience: text, rows: optional(text) }),
      strict({ traits: z.array(text).min(1) }),
      strict({ profiles: z.literal(true) }),
      z.literal('profiles'),
      strict({ table: text }),
      strict({ model: text }),
    ],
    { error: 'profiles, { audience: … }, { traits: [ … ] }, { table: … } or { model: … }' },
  ),
  destination: text,
  mode: z.enum(['add', 'update', 'upsert', 'delete', 'mirror']),
  key: optional(
    z.union([strict({ identifier: text }), strict({ column: text })], {
      error: '{ identifier: … } or { column: … }',
    }),
  ),
  mapping: optional(anything),
  filter: optional(text),
  nulls: optional(z.enum(['send', 'drop'])),
  on_delete_over: optional(percentage),
  retry: optional(strict({ syncs: optional(z.int().min(0)), within: optional(duration) })),
  batch_rows: optional(z.int().min(1)),
  concurrency: optional(z.int().min(1).max(64)),
  rate: optional(strict({ requests: z.int().min(1), per: duration })),
})
export type RawSync = z.output<typeof sync>

const rows = z.array(anything)
const unitTest = strict({
  ...carried,
  name: text,
  as_of: instant,
  given: z.record(z.string(), rows),
  expect: strict({
    profiles: optional(z.int().min(0)),
    traits: optional(rows),
    account_traits: optional(rows),
    audiences: optional(z.record(z.string(), z.array(z.string()))),
  }),
})
export type RawUnitTest = z.output<typeof unitTest>

/** One schema per kind of definition; each list item is checked by itself, so that one bad item spoils no other. */
export function definitionShapes(choose: Choose, conditions = conditionShapes(choose)) {
  const members = {
    ...named,
    entity,
    include_anonymous: optional(z.boolean()),
    ignore_warnings: ignoreWarnings,
    ...historyShape,
  }
  const audience: z.ZodType<RawAudience> = choose<RawAudience>(
    {
      match: strict({ ...members, match: conditions.conditions }),
      query: strict({ ...members, query: text }),
    },
    (value) => {
      if (!('query' in value)) return 'match'
      const found = ['match', 'query']
      return 'match' in value ? { error: 'several', found, allowed: found } : 'query'
    },
  )
  return {
    sources: sourceShape(choose),
    identity,
    entities: warehouseEntity,
    relationships: relationship,
    traits: traitShape(choose, conditions),
    audiences: audience,
    destinations: destination,
    syncs: sync,
    unit_tests: unitTest,
  }
}
