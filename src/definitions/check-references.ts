import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'
import { checkMemberRows } from './check-member-rows.ts'
import { checkRelationships } from './check-relationships.ts'
import type { Audience, Definitions, Entity, EventTrait, RelatedTrait } from './definitions.ts'
import { findCycles } from './find-cycles.ts'
import { traitsOf } from './formula.ts'
import { joinTraitsOf } from './relationship-tree.ts'
import {
  type ConditionVisitor,
  visitAudience,
  visitEventTrait,
  visitRelatedTrait,
} from './visit-conditions.ts'

/**
 * References between definitions: names that do not exist, traits of the other entity, cycles. Whether a trait exists
 * is the compiler's to judge, since custom traits are columns of the warehouse.
 *
 * @param exists whether a name may exist though no definition has it: its own definition is broken
 */
export function checkReferences(
  definitions: Definitions,
  exists: (name: string) => boolean,
): readonly Problem[] {
  return [
    ...unknownAudiences(definitions, exists),
    ...unknownOfSyncs(definitions, exists),
    ...unknownSources(definitions, exists),
    ...unknownExcluded(definitions, exists),
    ...wrongEntities(definitions),
    ...audienceCycles(definitions.audiences),
    ...traitCycles(definitions),
    ...checkRelationships(definitions, exists),
    ...checkMemberRows(definitions, exists),
  ]
}

function unknownAudiences(
  { audiences, syncs, unitTests }: Definitions,
  exists: (name: string) => boolean,
): Problem[] {
  const names = new Set(audiences.map(({ name }) => name))
  const problems: Problem[] = []
  const check = (by: string, audience: string, span: Span): void => {
    if (names.has(audience) || exists(audience)) return
    problems.push(problem('PSN2001', { by, audience, near: nearest(audience, names) }, span))
  }
  for (const audience of audiences) {
    visitAudience(audience, { audience: (name, span) => check(`audience \`${audience.name}\``, name, span) })
  }
  for (const { name, from } of syncs) {
    if (from.kind === 'audience') check(`sync \`${name}\``, from.audience, from.span)
  }
  for (const { name, expect, nameSpan } of unitTests) {
    for (const audience of Object.keys(expect.audiences ?? {}))
      check(`unit test \`${name}\``, audience, nameSpan)
  }
  return problems
}

function unknownOfSyncs(
  { syncs, destinations, models }: Definitions,
  exists: (name: string) => boolean,
): Problem[] {
  const destinationNames = new Set(destinations.map(({ name }) => name))
  const modelNames = new Set(models.map(({ name }) => name))
  const problems: Problem[] = []
  for (const { name: sync, destination, destinationSpan, from } of syncs) {
    if (!destinationNames.has(destination) && !exists(destination)) {
      const near = nearest(destination, destinationNames)
      problems.push(problem('PSN2002', { sync, destination, near }, destinationSpan))
    }
    if (from.kind === 'model' && !modelNames.has(from.model)) {
      problems.push(
        problem('PSN2003', { sync, model: from.model, near: nearest(from.model, modelNames) }, from.span),
      )
    }
  }
  return problems
}

function unknownSources(
  { unitTests, sources, entities, relationships, traits, models }: Definitions,
  exists: (name: string) => boolean,
): Problem[] {
  const names = new Set(sources.map(({ name }) => name))
  const junctions = relationships.flatMap(({ join }) => (join.kind === 'junction' ? [join] : []))
  const rows = new Set([
    ...entities.map(({ name }) => name),
    ...[...entities, ...junctions].map(({ schema, table }) => `${schema}.${table}`),
    ...[...models, ...traits].flatMap((each) => ('sql' in each ? tablesOf(each.sql) : [])),
  ])
  return unitTests.flatMap(({ name: test, given, nameSpan: span }) =>
    Object.keys(given).flatMap((key) => {
      const source = key.split('.')[0] ?? ''
      if (names.has(source) || rows.has(key) || exists(source)) return []
      return [problem('PSN2005', { test, source, near: nearest(source, [...names, ...rows]) }, span)]
    }),
  )
}

/** Tables that a `.sql` file reads as `{{ source 'crm' 'contacts' }}`. */
function tablesOf(sql: string): readonly string[] {
  return [...sql.matchAll(/\{\{~?\s*source\s+['"]([^'"]+)['"]\s+['"]([^'"]+)['"]/g)].map(
    ([, schema, table]) => `${schema}.${table}`,
  )
}

function unknownExcluded(
  { traits, audiences, sources }: Definitions,
  exists: (name: string) => boolean,
): Problem[] {
  const names = new Set(sources.map(({ name }) => name))
  const problems: Problem[] = []
  const check =
    (by: string) =>
    (source: string, span: Span | undefined): void => {
      if (names.has(source) || exists(source)) return
      problems.push(problem('PSN2006', { by, source, near: nearest(source, names) }, span))
    }
  for (const trait of traits) {
    if (!('event' in trait)) continue
    visitEventTrait(trait, { source: check(`trait \`${trait.name}\``) })
  }
  for (const audience of audiences)
    visitAudience(audience, { source: check(`audience \`${audience.name}\``) })
  return problems
}

function wrongEntities({ traits, audiences }: Definitions): Problem[] {
  const entities = new Map(traits.map(({ name, entity }) => [name, entity]))
  const problems: Problem[] = []
  const check = (by: string, wanted: Entity, trait: string, span: Span): void => {
    const entity = entities.get(trait)
    if (entity !== undefined && entity !== wanted) {
      problems.push(problem('PSN2012', { by, wanted, trait, entity }, span))
    }
  }
  for (const trait of traits) {
    const by = `trait \`${trait.name}\``
    if (trait.type === 'formula') {
      for (const name of traitsOf(trait.formula)) check(by, trait.entity, name, trait.expressionSpan)
    } else if (trait.type !== 'sql') {
      visitTraitRows(trait, { trait: (name, entity, span) => check(by, entity, name, span) })
    }
  }
  for (const audience of audiences) {
    const by = `audience \`${audience.name}\``
    visitAudience(audience, { trait: (name, entity, span) => check(by, entity, name, span) })
  }
  return problems
}

function audienceCycles(audiences: readonly Audience[]): Problem[] {
  const edges = new Map<string, string[]>()
  const spans = new Map<string, Span>()
  for (const audience of audiences) {
    const names: string[] = []
    visitAudience(audience, {
      audience(name, span) {
        names.push(name)
        spans.set(`${audience.name} ${name}`, span)
      },
    })
    edges.set(audience.name, names)
  }
  return findCycles(edges).map((path) => problem('PSN2011', { path }, spans.get(`${path[0]} ${path[1]}`)))
}

function visitTraitRows(trait: EventTrait | RelatedTrait, visitor: ConditionVisitor): void {
  if ('event' in trait) visitEventTrait(trait, visitor)
  else visitRelatedTrait(trait, visitor)
}

/** A trait over a relationship also needs the traits that its rows are joined by. */
function traitCycles({ traits, relationships }: Definitions): Problem[] {
  const joinTraits = joinTraitsOf(relationships)
  const edges = new Map<string, readonly string[]>()
  const spans = new Map<string, Span>()
  for (const trait of traits) {
    if (trait.type === 'sql') continue
    if (trait.type === 'formula') {
      edges.set(trait.name, traitsOf(trait.formula))
      spans.set(trait.name, trait.expressionSpan)
      continue
    }
    const read: string[] = []
    visitTraitRows(trait, {
      trait(name, _, span) {
        read.push(name)
        if (!spans.has(trait.name)) spans.set(trait.name, span)
      },
      relationship(name, span) {
        const joined = joinTraits.get(name) ?? []
        read.push(...joined)
        if (joined.length > 0 && !spans.has(trait.name)) spans.set(trait.name, span)
      },
    })
    edges.set(trait.name, read)
  }
  return findCycles(edges).map((path) => problem('PSN2013', { path }, spans.get(path[0] ?? '')))
}
