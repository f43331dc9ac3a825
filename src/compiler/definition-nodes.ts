import type { Definitions, Entity, IdentifierRule, SqlTrait } from '../definitions/definitions.ts'
import type { CompiledNode, NodeColumn } from '../ir/node.ts'
import type { Templates } from '../sql/templates.ts'
import { compileAudience } from './audiences/compile-audience.ts'
import { compileMemberRows } from './audiences/compile-member-rows.ts'
import { memberRows } from './audiences/member-rows.ts'
import { checkFunctions } from './check-functions.ts'
import type { CompileScope, ScopedAudience, StagedEvent } from './compile-scope.ts'
import type { Context } from './context.ts'
import type { CompileDefinition, NodeCache } from './node-cache.ts'
import { type WideProfiles, wideProfiles } from './profiles/wide-profiles.ts'
import { entityNode, relationshipNode } from './relationships/relationship-node.ts'
import type { ResolvedRelationship } from './relationships/resolve-relationships.ts'
import { relationshipsByName } from './relationships/resolve-relationships.ts'
import { compileScan } from './scans/compile-scan.ts'
import { measureType, stagedRows, typesOf } from './scans/measure.ts'
import { type Scan, type ScanPlan, scanNode } from './scans/plan-scans.ts'
import type { SqlTraitShape } from './sql-files/sql-trait-shape.ts'
import { type TraitRegistry, traitRegistry } from './trait-registry.ts'
import { compileFormulaTrait } from './traits/formula-trait.ts'
import { scannedTrait } from './traits/scanned-trait.ts'

export interface DefinitionInput {
  readonly context: Context
  /** As they are, without what `context` adds to keep them. */
  readonly templates: Templates
  readonly definitions: Pick<Definitions, 'traits' | 'audiences' | 'syncs'>
  readonly rules: readonly IdentifierRule[]
  /** Those that definitions read. */
  readonly relationships: readonly ResolvedRelationship[]
  readonly scans: ScanPlan
  /** Columns of SQL traits. */
  readonly shapes: ReadonlyMap<SqlTrait, SqlTraitShape>
  /** Traits that calls bring. */
  readonly custom: Readonly<Record<Entity, readonly NodeColumn[]>>
  readonly eventNames: readonly string[]
  readonly cache: NodeCache
  event(name: string): StagedEvent
  audience(name: string): ScopedAudience | undefined
}

export interface DefinitionNodes {
  readonly registry: TraitRegistry
  /** With the checks of their entities. */
  readonly relationships: readonly CompiledNode[]
  readonly scans: readonly CompiledNode[]
  /** But those of SQL. */
  readonly traits: readonly CompiledNode[]
  readonly wide: Readonly<Record<Entity, WideProfiles>>
  readonly audiences: readonly CompiledNode[]
  readonly memberRows: readonly CompiledNode[]
}

/** Traits and audiences, and what computes them together: a scan per event, and the wide table that audiences are read from. */
export function definitionNodes(input: DefinitionInput): DefinitionNodes {
  const { context, definitions, scans, custom } = input
  const relationship = relationshipsByName(input.relationships)
  const rows = stagedRows({ event: input.event, relationship })
  const registry = traitRegistry(context, definitions.traits, input.shapes, scans, custom, rows)
  const computedIn = (scan: Scan): readonly string[] =>
    [rows(scan).node, scanNode(scan), `profiles.${scan.entity}_profiles`].sort()
  const scope: CompileScope = {
    dialect: context.dialect,
    templates: input.templates,
    schema: context.schema,
    workSchema: context.workSchema,
    event: input.event,
    relationship,
    trait: (entity, name) => registry.trait(entity, name),
    audience: input.audience,
    measure(key) {
      const found = scans.ofKey(key)
      if (found === undefined) return undefined
      const { scan, column } = found
      return {
        column: column.column,
        type: measureType(column, typesOf(scope)),
        computedIn: computedIn(scan),
      }
    },
    eventNames: input.eventNames,
    traitNames: (entity) => registry.names(entity),
    report: (found) => context.report(found),
  }
  const cached = input.cache.within(scope)
  // With what is compiled, so that what was found is found again.
  const compile: CompileDefinition = (kind, definition, make) =>
    cached(kind, definition, (of, watched) => {
      const node = make(of, watched)
      checkFunctions(watched, node)
      return node
    })
  const wide = (entity: Entity): WideProfiles =>
    wideProfiles(context, entity, custom[entity], registry.computed(entity), scans.scans)
  return {
    registry,
    relationships: [
      ...new Map(input.relationships.map((each) => [each.entity.name, entityNode(context, each)])).values(),
      ...input.relationships.map((each) => relationshipNode(context, each, input.rules, registry)),
    ],
    scans: scans.scans.map((scan) => compile('scan', scan, compileScan)),
    traits: definitions.traits.flatMap((trait): readonly CompiledNode[] => {
      if (trait.type === 'sql') return []
      if (trait.type === 'formula') return [compile('trait', trait, compileFormulaTrait)]
      const found = scans.ofTrait(trait.name)
      return found === undefined ? [] : [scannedTrait(context, trait, found, scope, computedIn(found.scan))]
    }),
    wide: { user: wide('user'), account: wide('account') },
    audiences: definitions.audiences.map((audience) => compile('audience', audience, compileAudience)),
    memberRows: memberRows(definitions).map((rows) => compile('member_rows', rows, compileMemberRows)),
  }
}
