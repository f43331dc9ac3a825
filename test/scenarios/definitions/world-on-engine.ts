import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Adapter, Value } from '../../../src/adapters/adapter.ts'
import type { StagedEvent } from '../../../src/compiler/compile-scope.ts'
import { collectEventNeeds } from '../../../src/compiler/conditions/collect-event-needs.ts'
import type { Context } from '../../../src/compiler/context.ts'
import { definitionNodes } from '../../../src/compiler/definition-nodes.ts'
import { createNodeCache } from '../../../src/compiler/node-cache.ts'
import { orderNodes } from '../../../src/compiler/order-nodes.ts'
import { resolveRelationships } from '../../../src/compiler/relationships/resolve-relationships.ts'
import { planScans } from '../../../src/compiler/scans/plan-scans.ts'
import type { Definitions } from '../../../src/definitions/definitions.ts'
import { defaultIdentifiers } from '../../../src/definitions/identifier-defaults.ts'
import { linkAudiences } from '../../../src/definitions/link-audiences.ts'
import { parseFile } from '../../../src/definitions/parse-file.ts'
import type { Problem } from '../../../src/diagnostics/problem.ts'
import type { Dialect } from '../../../src/dialects/dialect.ts'
import type { Catalog } from '../../../src/ir/catalog.ts'
import type { CompiledNode } from '../../../src/ir/node.ts'
import { relation } from '../../../src/ir/relation.ts'
import type { ColumnType } from '../../../src/ir/value-type.ts'
import { moveDefinitions } from '../../../src/runner/unit-tests/move-definitions.ts'
import { plainName, shortName } from '../../../src/sql/names.ts'
import { prepareTemplates, type Templates } from '../../../src/sql/templates.ts'
import type { Kind, Plain } from '../../reference/definitions/values.ts'
import type { World, WorldEvent } from '../../reference/definitions/world.ts'

type Read = Pick<Definitions, 'traits' | 'audiences' | 'entities' | 'relationships' | 'syncs'>

export interface CompiledWorld {
  readonly relationships: readonly CompiledNode[]
  readonly scans: readonly CompiledNode[]
  readonly traits: readonly CompiledNode[]
  readonly wide: readonly [user: CompiledNode, account: CompiledNode]
  readonly audiences: readonly CompiledNode[]
  readonly memberRows: readonly CompiledNode[]
  readonly problems: readonly Problem[]
}

const folder = join(import.meta.dirname, '../../../templates')

function builtInTemplates(): Templates {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.sql.hbs'),
  )
  return prepareTemplates(
    new Map(files.map((file) => [file.replace(/\.sql\.hbs$/, ''), readFileSync(join(folder, file), 'utf8')])),
  )
}

/** Definitions from the text of a project file; a problem in them throws. */
export function define(yaml: string): Read {
  const { traits, audiences, entities, relationships, syncs, problems } = parseFile('models/shop.yml', yaml, {
    env: {},
    vars: {},
  }).file
  if (problems.length > 0)
    throw new Error(problems.map(({ message, hint }) => `${message} (${hint})`).join('\n'))
  return {
    traits: traits.flatMap((trait) => (trait.type === 'sql' ? [] : [trait])),
    audiences: linkAudiences(audiences, relationships),
    entities,
    relationships,
    syncs,
  }
}

/** Compiles against working tables that are shaped like the world, without a warehouse. */
export function compileWorld(
  world: Pick<World, 'events' | 'userTraits' | 'accountTraits' | 'tables'>,
  definitions: Read,
  dialect: Dialect,
  schema = 'personas',
  workSchema = 'personas_work',
): CompiledWorld {
  const templates = builtInTemplates()
  const problems: Problem[] = []
  const report = (found: Problem): void => {
    problems.push(found)
  }
  const context: Context = { dialect, templates, schema, workSchema, tables: [], report }
  const columns = (kinds: Readonly<Record<string, Kind>>) =>
    Object.entries(kinds).map(([name, type]) => ({ name, type }))
  const custom = { user: columns(world.userTraits), account: columns(world.accountTraits) }
  const event = (name: string): StagedEvent => stagedEvent(dialect, name, world.events[name], workSchema)
  const names = [...new Set([...collectEventNeeds(definitions).keys(), ...Object.keys(world.events)])]
  const compiled = definitionNodes({
    context,
    templates,
    definitions,
    rules: defaultIdentifiers(),
    relationships: resolveRelationships(
      context,
      moveDefinitions({ sources: [], ...definitions }, () => workSchema),
      catalogOf(world, workSchema, dialect),
    ),
    scans: planScans(context, definitions, new Map(names.map((name) => [name, plainName(name)])), {
      user: ['known', 'profile_number', ...Object.keys(world.userTraits)],
      account: Object.keys(world.accountTraits),
    }),
    shapes: new Map(),
    custom,
    eventNames: Object.keys(world.events),
    cache: createNodeCache(''),
    event,
    audience(name) {
      const found = definitions.audiences.find((audience) => audience.name === name)
      return found && { entity: found.entity, relation: relation(workSchema, `audience_${name}`) }
    },
  })
  return { ...compiled, wide: [compiled.wide.user.node, compiled.wide.account.node], problems }
}

/** The world's own tables, as a warehouse would describe them. */
function catalogOf(
  { tables = {} }: Pick<World, 'tables'>,
  schema: string,
  { timestampColumn }: Dialect,
): Catalog {
  const typeOf = (kind: Kind): ColumnType =>
    kind === 'number' ? 'float' : kind === 'list' ? 'text' : kind === 'timestamp' ? timestampColumn : kind
  return {
    tables: Object.entries(tables).map(([name, { columns }]) => ({
      relation: relation(schema, name),
      columns: Object.entries(columns).map(([column, kind]) => ({ name: column, type: typeOf(kind) })),
    })),
  }
}

function stagedEvent(
  dialect: Dialect,
  name: string,
  event: WorldEvent | undefined,
  workSchema: string,
): StagedEvent {
  const { properties, contexts } = event ?? { properties: {}, contexts: {} }
  const staged = (kinds: Readonly<Record<string, Kind>>, prefix: string) => (path: string) => {
    const type = kinds[path]
    return type === undefined ? undefined : { column: `${prefix}${plainName(path)}`, type }
  }
  return {
    node: `event.${plainName(name)}`,
    relation: relation(workSchema, shortName(dialect, `event_${plainName(name)}`)),
    known: event !== undefined,
    property: staged(properties, ''),
    context: staged(contexts, 'context_'),
    propertyPaths: Object.keys(properties),
    contextPaths: Object.keys(contexts),
  }
}

/** As a run would take them. */
function inOrder(nodes: readonly CompiledNode[]): readonly CompiledNode[] {
  const order = orderNodes(nodes)
  if ('cycle' in order) throw new Error(order.cycle.join(' → '))
  return order.ordered
}

/** The statements of nodes, in order. */
function statementsOf(nodes: readonly CompiledNode[]): readonly string[] {
  return nodes.flatMap(({ steps }) =>
    steps.flatMap((step) => {
      // The rows of a world have primary keys of their own.
      if (step.kind === 'check') return []
      if (step.kind !== 'statement') throw new Error(`a ${step.kind} was not expected here`)
      return step.sql
    }),
  )
}

/** Writes the working tables that come before traits; events later than the as-of instant are not staged. */
async function loadWorld(
  adapter: Adapter,
  world: World,
  definitions: Read,
  workSchema: string,
): Promise<void> {
  const work = (name: string) => relation(workSchema, name)
  for (const sql of adapter.dialect.createSchema(workSchema)) await adapter.execute(sql)
  const load = (
    name: string,
    columns: Readonly<Record<string, Kind>>,
    rows: readonly (readonly Value[])[],
  ): Promise<number> => {
    async function* each(): AsyncGenerator<readonly Value[]> {
      yield* rows
    }
    return adapter.load(
      work(name),
      Object.entries(columns).map(([column, type]) => ({ name: column, type })),
      each(),
    )
  }
  await load('run', { run_id: 'text', as_of: 'timestamp' }, [['run_1', world.asOf]])
  await load(
    'profiles',
    { segment_id: 'text', canonical_segment_id: 'text', arrival: 'integer', known: 'boolean' },
    world.users.flatMap(({ id, known }, index): readonly (readonly Value[])[] => [
      [id, id, index + 1, known],
      // A profile that was merged away must not count twice.
      [`${id}_merged`, id, index + 1000, known],
    ]),
  )
  await load(
    'accounts',
    { account_id: 'text' },
    world.accounts.map(({ id }) => [id]),
  )
  await load(
    'account_users',
    { account_id: 'text', canonical_segment_id: 'text' },
    world.accounts.flatMap(({ id, users }) => users.map((user) => [id, user])),
  )
  for (const [name, { columns, rows }] of Object.entries(world.tables ?? {})) {
    await load(
      name,
      columns,
      rows.map((row) => Object.keys(columns).map((column) => stored(row[column]))),
    )
  }
  await load(
    'identifiers',
    { identifier_type: 'text', identifier_value: 'text', canonical_segment_id: 'text' },
    (world.identifiers ?? []).map(({ type, value, user }) => [type, value, user]),
  )
  const custom = [
    ['user_custom_traits', 'canonical_segment_id', world.userTraits, world.users],
    ['account_custom_traits', 'account_id', world.accountTraits, world.accounts],
  ] as const
  for (const [name, key, kinds, profiles] of custom) {
    await load(
      name,
      { [key]: 'text', ...kinds },
      profiles.map(({ id, traits }) => [id, ...Object.keys(kinds).map((trait) => stored(traits[trait]))]),
    )
  }
  const numberOf = (user: string): number => world.users.findIndex(({ id }) => id === user) + 1
  const names = new Set([...collectEventNeeds(definitions).keys(), ...Object.keys(world.events)])
  for (const name of names) {
    const { properties, contexts } = world.events[name] ?? { properties: {}, contexts: {} }
    await load(
      shortName(adapter.dialect, `event_${plainName(name)}`),
      {
        arrival: 'integer',
        event_id: 'text',
        source: 'text',
        timestamp: 'timestamp',
        profile_number: 'integer',
        known: 'boolean',
        canonical_segment_id: 'text',
        ...Object.fromEntries(Object.entries(properties).map(([path, kind]) => [plainName(path), kind])),
        ...Object.fromEntries(
          Object.entries(contexts).map(([path, kind]) => [`context_${plainName(path)}`, kind]),
        ),
      },
      world.rows.flatMap((row, index) =>
        row.event !== name || Date.parse(row.at) > Date.parse(world.asOf)
          ? []
          : [
              [
                index + 1,
                row.id,
                row.source ?? 'web',
                row.at,
                numberOf(row.user),
                world.users.find(({ id }) => id === row.user)?.known ?? false,
                row.user,
                ...Object.keys(properties).map((path) => stored(row.properties[path])),
                ...Object.keys(contexts).map((path) => stored(row.contexts[path])),
              ],
            ],
      ),
    )
  }
}

function stored(value: Plain | undefined): Value {
  if (value === undefined) return null
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : value
}

/** Runs all definitions over the world. @returns values by trait and members by audience, keyed by profile */
export async function runWorld(
  adapter: Adapter,
  world: World,
  definitions: Read,
  workSchema: string,
): Promise<{
  readonly traits: ReadonlyMap<string, ReadonlyMap<string, Value>>
  readonly audiences: ReadonlyMap<string, ReadonlySet<string>>
  /** `<profile> <row>`, each once, by name of the audience and of the relationship. */
  readonly memberRows: ReadonlyMap<string, readonly string[]>
  readonly problems: readonly Problem[]
}> {
  await loadWorld(adapter, world, definitions, workSchema)
  const compiled = compileWorld(world, definitions, adapter.dialect, 'public_tables', workSchema)
  for (const sql of statementsOf(
    inOrder([
      ...compiled.relationships,
      ...compiled.scans,
      ...compiled.traits,
      ...compiled.wide,
      ...compiled.audiences,
      ...compiled.memberRows,
    ]),
  )) {
    await adapter.execute(sql).catch((cause: unknown) => {
      throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${sql}`, { cause })
    })
  }
  const rowsOf = async (node: CompiledNode) => {
    if (node.relation === undefined) throw new Error(`${node.id} writes nothing`)
    return adapter.query(`select * from ${adapter.dialect.relation(node.relation)}`)
  }
  const wideOf = (entity: string | undefined) => compiled.wide[entity === 'account' ? 1 : 0]
  const traits = new Map<string, ReadonlyMap<string, Value>>()
  for (const node of compiled.traits) {
    const value = node.columns.at(-1)?.name ?? ''
    // A scan has a row for every profile that has the event; one without a value has no trait.
    // What a trait falls back to stands in the table of all profiles.
    const { entity } = definitions.traits.find(({ name }) => name === node.name) ?? {}
    const rows = await rowsOf(node.steps.length === 0 ? wideOf(entity) : node)
    const entries = rows
      .map((row) => [ownerOf(world, row), plain(row[value])] as const)
      .filter(([, found]) => found !== null)
    if (new Set(entries.map(([id]) => id)).size !== entries.length)
      throw new Error(`${node.id} has a profile twice`)
    traits.set(node.name, new Map(entries))
  }
  const audiences = new Map<string, ReadonlySet<string>>()
  for (const node of compiled.audiences) {
    const ids = (await rowsOf(node)).map((row) => String(row[node.columns[0]?.name ?? '']))
    if (new Set(ids).size !== ids.length) throw new Error(`${node.id} has a member twice`)
    audiences.set(node.name, new Set(ids))
  }
  const memberRows = new Map<string, readonly string[]>()
  for (const node of compiled.memberRows) {
    const [owner] = node.columns
    const pairs = (await rowsOf(node)).map((row) => `${row[owner?.name ?? '']} ${row.row_id}`).sort()
    if (new Set(pairs).size !== pairs.length) throw new Error(`${node.id} has a row twice`)
    memberRows.set(node.name, pairs)
  }
  return { traits, audiences, memberRows, problems: compiled.problems }
}

/** Whose value a row holds, by whichever key its table has. */
function ownerOf(world: World, row: Readonly<Record<string, Value>>): string {
  const { profile_number: number, canonical_segment_id: user, account_id: account } = row
  return number === undefined ? String(user ?? account) : (world.users[Number(number) - 1]?.id ?? '')
}

/** Counts are bigint at the adapter; the tests count far below 2^53. */
function plain(value: Value | undefined): Value {
  return typeof value === 'bigint' ? Number(value) : (value ?? null)
}
