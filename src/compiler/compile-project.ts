import { isDeepStrictEqual } from 'node:util'
import { type Config, syncSchemaOf } from '../config/config.ts'
import type { Definitions, Entity } from '../definitions/definitions.ts'
import { hasErrors, type Problem, problem } from '../diagnostics/problem.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { compileIdentity } from '../identity/compile-identity.ts'
import type { Catalog, CatalogColumn } from '../ir/catalog.ts'
import type { CompiledNode, NodeColumn } from '../ir/node.ts'
import type { Templates } from '../sql/templates.ts'
import { checkFunctions } from './check-functions.ts'
import { checkLimits, checkSchemaNames } from './check-limits.ts'
import type { StagedEvent } from './compile-scope.ts'
import { collectEventNeeds } from './conditions/collect-event-needs.ts'
import type { Context } from './context.ts'
import { definitionNodes } from './definition-nodes.ts'
import { eventsNode } from './events/events-node.ts'
import { type Staging, stageEvent } from './events/stage-event.ts'
import { identityNode } from './identity-node.ts'
import type { Manifest } from './manifest.ts'
import { createNodeCache, type NodeCache } from './node-cache.ts'
import { orderNodes } from './order-nodes.ts'
import { accountsNode } from './profiles/accounts-node.ts'
import { customTraits } from './profiles/custom-traits.ts'
import { projectPublication } from './publish/project-publication.ts'
import { publishNode } from './publish/publish-node.ts'
import { historyTable } from './publish/trait-history.ts'
import { referents } from './referents.ts'
import { relationshipsByName, resolveRelationships } from './relationships/resolve-relationships.ts'
import { measureType, stagedRows } from './scans/measure.ts'
import { planScans } from './scans/plan-scans.ts'
import { type ServingPlan, servingPlan } from './serving/serving-plan.ts'
import { sourceNode } from './source-nodes.ts'
import { resolveSources } from './sources/resolve-sources.ts'
import { snakeCase } from './sources/source-table.ts'
import { compileSqlFiles } from './sql-files/compile-sql-files.ts'
import { callTable } from './sql-files/sql-trait-calls.ts'
import type { CompiledSync } from './syncs/compile-sync.ts'
import { compileSyncs } from './syncs/compile-syncs.ts'
import { traitsRead } from './traits-read.ts'

export interface CompileInput {
  readonly config: Pick<Config, 'name' | 'target' | 'vars' | 'secrets'>
  readonly definitions: Definitions
  /** Tables of the schemas of `catalogSchemas`. */
  readonly catalog: Catalog
  readonly dialect: Dialect
  readonly templates: Templates
  readonly env: Readonly<Record<string, string | undefined>>
  /** Nodes of an earlier compilation. */
  readonly cache?: NodeCache
  /** Columns a select would return, asked of the warehouse without running it. */
  describe(select: string): Promise<readonly CatalogColumn[]>
}

export interface Compiled {
  /** Complete only where no problem is an error. */
  readonly manifest: Manifest
  /** How profiles are published for the Profile API; undefined where something is wrong. */
  readonly serving?: () => ServingPlan
  readonly problems: readonly Problem[]
}

/** The schemas whose tables the compiler wants to know. */
export function catalogSchemas(config: Pick<Config, 'target'>, definitions: Definitions): readonly string[] {
  const sources = [...definitions.sources, ...definitions.entities].map(({ schema }) => schema)
  const junctions = definitions.relationships.flatMap(({ join }) =>
    join.kind === 'junction' ? [join.schema] : [],
  )
  const words = [
    ...definitions.models,
    ...definitions.traits.filter((trait) => trait.type === 'sql'),
  ].flatMap(({ sql }) =>
    [...sql.matchAll(/\{\{\s*source\s+['"]([^'"]+)['"]/g)].map((match) => match[1] ?? ''),
  )
  const synced = definitions.syncs.flatMap(({ from }) =>
    from.kind === 'table' ? [from.table.split('.').at(-2) ?? ''] : [],
  )
  return [...new Set([...sources, ...junctions, ...words, ...synced, config.target.schema])].sort()
}

/** Definitions and the catalogue to nodes with the statements that a run sends. Same input, same bytes. */
export async function compileProject(input: CompileInput): Promise<Compiled> {
  const { config, definitions, catalog, dialect } = input
  const cache = input.cache ?? createNodeCache('')
  const templates = cache.templates(input.templates)
  const problems: Problem[] = []
  const report = (found: Problem): void => {
    // Of a template that many nodes are made of it is said once.
    if (found.code === 'PSN3043' && problems.some((other) => isSamePlace(other, found))) return
    problems.push(found)
  }
  const rules = definitions.identity.identifiers
  const context: Context = {
    dialect,
    templates,
    schema: config.target.schema,
    workSchema: config.target.workSchema,
    tables: resolveSources(definitions.sources, catalog, rules, report),
    report,
  }
  checkSchemaNames(context)
  const related = resolveRelationships(context, definitions, catalog)
  const manifestOf = (nodes: readonly CompiledNode[], syncs: readonly CompiledSync[] = []): Manifest => ({
    project: config.name,
    target: config.target.name,
    schema: context.schema,
    workSchema: context.workSchema,
    nodes,
    syncs,
  })
  if (hasErrors(problems)) return { manifest: manifestOf([]), problems }

  const sources = definitions.sources.map(sourceNode)
  const sourceIds = sources.map(({ id }) => id).sort()
  const identity = compileIdentity({
    rules: definitions.identity,
    dialect,
    templates,
    workSchema: context.workSchema,
    schema: context.schema,
    followers: [historyTable],
  })
  const staged = stageEvents(context, definitions)
  const event = (name: string): StagedEvent | undefined => staged.get(name)?.event
  const read = traitsRead(definitions)
  const sent = {
    user: customTraits(context, 'user', read),
    account: customTraits(context, 'account', read),
  }
  const sqlTraits = definitions.traits.filter((trait) => trait.type === 'sql')
  const scans = planScans(
    context,
    definitions,
    new Map([...staged].map(([name, { node }]) => [name, node.name])),
    {
      // Rows of SQL traits may bring identifiers as traits.
      user: [
        'known',
        'profile_number',
        ...sent.user.columns.map(({ name }) => name),
        ...rules.map(({ type }) => snakeCase(type)),
      ],
      account: sent.account.columns.map(({ name }) => name),
    },
  )
  const rows = stagedRows({
    event: (name) => event(name) ?? stageEvent(context, name, snakeCase(name), noNeed).event,
    relationship: relationshipsByName(related),
  })
  const refs = referents(context, definitions, identity, scans, {
    rows,
    userTrait(name) {
      const found = scans.ofTrait(name)
      if (found !== undefined) return measureType(found.column, { rows, userTrait: () => undefined })
      const formula = definitions.traits.some((trait) => trait.type === 'formula' && trait.name === name)
      return formula ? 'number' : custom.user.columns.find((column) => column.name === name)?.type
    },
  })
  const sqlFiles = await compileSqlFiles({
    context,
    scope: {
      dialect,
      catalog,
      tables: context.tables,
      schemas: new Map(definitions.sources.map((source) => [source.name, source.schema])),
      vars: config.vars,
      env: input.env,
      secrets: config.secrets,
      refNames: [...definitions.models.map(({ name }) => name), ...refs.names],
      report,
    },
    models: definitions.models,
    traits: sqlTraits,
    rules,
    sourceNodes: sourceIds,
    referent: (name) => refs.referent(name),
    describe: (select) => input.describe(select),
  })
  // From here on the rows of SQL traits are calls like others.
  const called: Context = {
    ...context,
    tables: [...context.tables, ...sqlFiles.logs.flatMap((log) => callTable(log, dialect) ?? [])],
  }
  const custom = sqlFiles.logs.length === 0 ? sent : { ...sent, user: customTraits(called, 'user', read) }
  const columns: Readonly<Record<Entity, readonly NodeColumn[]>> = {
    user: custom.user.columns,
    account: custom.account.columns,
  }
  reportClashes(definitions, sqlFiles.shapes, report)
  const defined = definitionNodes({
    context,
    templates: input.templates,
    definitions,
    rules,
    relationships: related,
    scans,
    shapes: sqlFiles.shapes,
    custom: columns,
    eventNames: knownEvents(context),
    cache,
    event: (name) => event(name) ?? stageEvent(context, name, snakeCase(name), noNeed).event,
    audience: (name) => refs.audience(name),
  })
  const { wide, registry } = defined
  const others: readonly CompiledNode[] = [
    ...sources,
    eventsNode(called, rules, [...sourceIds, ...sqlFiles.beforeIdentity], sqlFiles.logs),
    identityNode(context, identity),
    accountsNode(context, rules, sqlFiles.logs),
    ...[...staged.values()].map(({ node }) => node),
    custom.user.node,
    custom.account.node,
    ...refs.nodes(),
    ...sqlFiles.nodes,
    ...defined.relationships,
    wide.user.node,
    wide.account.node,
  ]
  const nodes = [...others, ...defined.scans, ...defined.traits, ...defined.audiences, ...defined.memberRows]
  const publication = projectPublication(called, {
    definitions,
    identity,
    catalog,
    registry,
    columns: { user: wide.user.traits, account: wide.account.traits },
    eventNames: [...staged.keys()],
    memberRows: defined.memberRows,
    dependsOn: nodes.map(({ id }) => id),
  })
  const publish = publishNode(context, catalog, publication)
  for (const node of [...others, publish]) checkFunctions(context, node, sqlFiles.texts.get(node.id))
  const syncs = compileSyncs(context, {
    config,
    definitions,
    catalog,
    nodes,
    relationships: related,
    wide,
    registry,
  })
  const all = [...nodes, publish, ...syncs.map(({ node }) => node)]
  checkLimits(context, all, publication.tables, catalog)
  const order = orderNodes(all)
  if ('cycle' in order) {
    report(problem('PSN3017', { cycle: order.cycle.join(' → ') }))
    return { manifest: manifestOf([]), problems }
  }
  const serving = (): ServingPlan =>
    servingPlan(called, {
      definitions,
      catalog,
      traits: publication.traits,
      syncSchema: syncSchemaOf(config.target),
    })
  return { manifest: manifestOf(order.ordered, syncs), serving, problems }
}

function isSamePlace({ code, span }: Problem, other: Problem): boolean {
  return code === other.code && span !== undefined && isDeepStrictEqual(span, other.span)
}

const noNeed = { properties: new Set<string>(), contexts: new Set<string>() }

function stageEvents(context: Context, definitions: Definitions): ReadonlyMap<string, Staging> {
  const needs = collectEventNeeds(definitions)
  // Working tables of identity are called `event_…` too.
  const taken = new Set(['identifiers', 'profiles', 'rows'])
  return new Map(
    [...needs]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, need]) => {
        // `Order Completed` and `order completed` are two events with one slug.
        let slug = snakeCase(name) || 'event'
        while (taken.has(slug)) slug = `${slug}_`
        taken.add(slug)
        return [name, stageEvent(context, name, slug, need)]
      }),
  )
}

function knownEvents(context: Context): readonly string[] {
  const names = context.tables.flatMap(({ events }): readonly string[] => {
    if (events.kind === 'literal') return [events.name]
    // The catalogue knows only the slug; most event names are its words, capitalised.
    return events.kind === 'table'
      ? [
          events.slug
            .split('_')
            .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
            .join(' '),
        ]
      : []
  })
  return [...new Set(names)].sort()
}

function reportClashes(
  definitions: Definitions,
  shapes: Awaited<ReturnType<typeof compileSqlFiles>>['shapes'],
  report: (found: Problem) => void,
): void {
  const owners = new Map<string, string>([
    ...definitions.traits
      .filter((trait) => trait.type !== 'sql')
      .map(({ name }) => [name, `trait \`${name}\``] as const),
    ...definitions.audiences.map(({ name }) => [name, `audience \`${name}\``] as const),
  ])
  for (const [trait, shape] of shapes) {
    for (const { name } of shape.columns) {
      const other = owners.get(name)
      if (other !== undefined) {
        report(problem('PSN3023', { trait: trait.name, column: name, other }, trait.fileSpan))
      }
      owners.set(name, `SQL trait \`${trait.name}\``)
    }
  }
}
