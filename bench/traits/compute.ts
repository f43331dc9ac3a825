import type { Adapter } from '../../src/adapters/adapter.ts'
import { WarehouseError } from '../../src/adapters/warehouse-error.ts'
import type { StagedEvent } from '../../src/compiler/compile-scope.ts'
import type { Context } from '../../src/compiler/context.ts'
import { definitionNodes } from '../../src/compiler/definition-nodes.ts'
import { createNodeCache } from '../../src/compiler/node-cache.ts'
import { planScans } from '../../src/compiler/scans/plan-scans.ts'
import { parseFile } from '../../src/definitions/parse-file.ts'
import type { CompiledNode } from '../../src/ir/node.ts'
import { type Relation, relation } from '../../src/ir/relation.ts'
import type { ValueType } from '../../src/ir/value-type.ts'
import { builtInTemplates } from '../built-in-templates.ts'
import { schema, workSchema } from '../identity/database.ts'
import { type Measurement, measure, together } from '../identity/measurement.ts'
import { type BenchTrait, benchAudiences, benchTraits, type Mix } from './definitions.ts'
import { allEvents, eventKinds, eventName, stagedTable } from './generate.ts'

/** With the same total, of queries. */
export interface OneByOne {
  readonly queries: Measurement
  /** Of their results to a wide table, as traits are published; absent where memory did not suffice. */
  readonly joined?: Measurement
  /** Both. */
  readonly all?: Measurement
  readonly total: number
}

export interface Computed {
  readonly scans: Measurement
  readonly wide: Measurement
  readonly audiences: Measurement
  readonly all: Measurement
  /** Over all profiles and traits that are counts, for a comparison. */
  readonly total: number
}

/** Traits and audiences as a run computes them from staged events. */
export async function compute(
  adapter: Adapter,
  traits: number,
  mix: Mix,
  audiences: number,
): Promise<Computed> {
  const nodes = compile(adapter, traits, mix, audiences)
  const run = async (of: readonly CompiledNode[]): Promise<Measurement> => {
    const { measurement } = await measure(async () => {
      for (const { steps } of of) {
        for (const step of steps) {
          if (step.kind !== 'statement') throw new Error(`a ${step.kind} was not expected`)
          await adapter.execute(step.sql)
        }
      }
    })
    return measurement
  }
  const scans = await run(nodes.scans)
  const wide = await run([nodes.wide.user.node])
  const members = await run(nodes.audiences)
  const counts = countsOf(traits, mix).map(({ name }) => `coalesce(sum(user_profiles.${name}), 0)`)
  const total = await totalOf(adapter, counts, 'user_profiles')
  return { scans, wide, audiences: members, all: together([scans, wide, members]), total }
}

/** One query for each trait over the one table. */
export async function computeOneByOne(adapter: Adapter, traits: number, mix: Mix): Promise<OneByOne> {
  const { dialect } = adapter
  const all = benchTraits(traits, mix)
  const table = (name: string): Relation => relation(workSchema, name)
  const { measurement: queries } = await measure(async () => {
    for (const { name, kind, aggregate, where } of all) {
      const filter = where === undefined ? '' : ` and ${where}`
      const select = `select profile_number, ${own(adapter, aggregate)} as value
      from ${dialect.relation(allEvents)} as all_events where event = ${dialect.text(eventName(kind))}${filter} group by profile_number`
      for (const sql of dialect.createTableAs(table(`one_${name}`), select)) await adapter.execute(sql)
    }
  })
  const joined = await unlessTooMuch(async () => {
    const columns = all.map(({ name }) => `, ${name}.value as ${name}`)
    const joins = all.map(
      ({ name }) =>
        `left join ${dialect.relation(table(`one_${name}`))} as ${name} on ${name}.profile_number = profiles.arrival`,
    )
    const select = `select profiles.canonical_segment_id${columns.join('')}
      from ${dialect.relation(table('profiles'))} as profiles ${joins.join(' ')}`
    for (const sql of dialect.createTableAs(table('one_by_one'), select)) await adapter.execute(sql)
  })
  let total = 0
  for (const { name } of countsOf(traits, mix))
    total += await totalOf(adapter, ['coalesce(sum(value), 0)'], `one_${name}`)
  return { queries, ...(joined && { joined, all: together([queries, joined]) }), total }
}

async function unlessTooMuch(work: () => Promise<void>): Promise<Measurement | undefined> {
  try {
    return (await measure(work)).measurement
  } catch (error) {
    if (error instanceof WarehouseError && error.code === 'PSN4012') return undefined
    throw error
  }
}

/** One count for each profile over the one table. */
export async function countOnce(adapter: Adapter): Promise<Measurement> {
  const { dialect } = adapter
  const select = `select profile_number, count(*) as value from ${dialect.relation(allEvents)} as all_events group by profile_number`
  const { measurement } = await measure(async () => {
    for (const sql of dialect.createTableAs(relation(workSchema, 'counted_once'), select))
      await adapter.execute(sql)
  })
  return measurement
}

function countsOf(traits: number, mix: Mix): readonly BenchTrait[] {
  return benchTraits(traits, mix).filter(
    ({ yaml }) => yaml.type === 'count' || yaml.type === 'unique_list_count',
  )
}

async function totalOf(adapter: Adapter, sums: readonly string[], table: string): Promise<number> {
  const of = adapter.dialect.relation(relation(workSchema, table))
  const rows = await adapter.query(
    `select cast(${sums.join(' + ')} as double precision) as total from ${of} as ${table}`,
  )
  return Number(rows[0]?.total)
}

/** DuckDB has quicker words for what standard SQL says. */
function own({ dialect }: Adapter, aggregate: string): string {
  if (dialect.name !== 'duckdb') return aggregate
  if (aggregate.startsWith('(array_agg')) return 'arg_max(category, timestamp)'
  return aggregate.startsWith('mode()') ? 'mode(category)' : aggregate
}

function compile({ dialect }: Adapter, traits: number, mix: Mix, audiences: number) {
  const yaml = JSON.stringify({
    traits: benchTraits(traits, mix).map((trait) => trait.yaml),
    audiences: benchAudiences(audiences),
  })
  const { file } = parseFile('models/bench.yml', yaml, { env: {}, vars: {} })
  const [wrong] = file.problems
  if (wrong !== undefined) throw new Error(wrong.message)
  const definitions = {
    traits: file.traits.flatMap((trait) => (trait.type === 'sql' ? [] : [trait])),
    audiences: file.audiences,
  }
  const templates = builtInTemplates()
  const context: Context = {
    dialect,
    templates,
    schema,
    workSchema,
    tables: [],
    report(found) {
      throw new Error(found.message)
    },
  }
  const kinds = Array.from({ length: eventKinds }, (_, kind) => kind)
  const staged = new Map(kinds.map((kind) => [eventName(kind), stagedEvent(kind)]))
  return definitionNodes({
    context,
    templates,
    definitions: { ...definitions, syncs: [] },
    rules: [],
    relationships: [],
    scans: planScans(
      context,
      { ...definitions, relationships: [] },
      new Map(kinds.map((kind) => [eventName(kind), stagedTable(kind).name.slice('event_'.length)])),
      {
        user: [],
        account: [],
      },
    ),
    shapes: new Map(),
    custom: { user: [], account: [] },
    eventNames: [...staged.keys()],
    cache: createNodeCache(''),
    event(name) {
      const event = staged.get(name)
      if (event === undefined) throw new Error(`no event ${name}`)
      return event
    },
    audience: (name) => ({ entity: 'user', relation: relation(workSchema, `audience_${name}`) }),
  })
}

function stagedEvent(kind: number): StagedEvent {
  const types: Readonly<Record<string, ValueType>> = {
    amount: 'number',
    category: 'text',
    quantity: 'integer',
  }
  return {
    node: `event.${stagedTable(kind).name}`,
    relation: stagedTable(kind),
    known: true,
    property(path) {
      const type = types[path]
      return type && { column: path, type }
    },
    context: () => undefined,
    propertyPaths: Object.keys(types),
    contextPaths: [],
  }
}
