import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'
import type { Condition, PropertyCondition, RelatedRows, Test } from './conditions.ts'
import type { Definitions, RelatedTrait, Relationship } from './definitions.ts'
import { findCycles } from './find-cycles.ts'
import { mostLevels, ownersOf, pathOf } from './relationship-tree.ts'

/** What relationships, and the definitions that ask for their rows, name wrongly; columns are the compiler's to judge. */
export function checkRelationships(
  definitions: Definitions,
  exists: (name: string) => boolean,
): readonly Problem[] {
  const { relationships } = definitions
  const byName = new Map(relationships.map((each) => [each.name, each]))
  const own = [
    ...wrongNames(definitions, byName, exists),
    ...findCycles(
      new Map(relationships.map(({ name, parent }) => [name, parent === undefined ? [] : [parent.name]])),
    ).map((path) => problem('PSN2083', { path }, byName.get(path[0] ?? '')?.parent?.span)),
  ]
  return own.length > 0 ? own : [...tooDeep(relationships, byName), ...wrongUses(definitions, byName, exists)]
}

function wrongNames(
  { entities, relationships, identity }: Definitions,
  byName: ReadonlyMap<string, Relationship>,
  exists: (name: string) => boolean,
): Problem[] {
  const entityNames = new Set(entities.map(({ name }) => name))
  const known = [...new Set([...identity.identifiers.map(({ type }) => type), 'group_id'])]
  const problems: Problem[] = []
  for (const { name: relationship, entity, entitySpan, parent, join } of relationships) {
    if (!entityNames.has(entity) && !exists(entity)) {
      const near = nearest(entity, entityNames)
      problems.push(problem('PSN2081', { relationship, entity, near }, entitySpan))
    }
    if (parent !== undefined && !byName.has(parent.name) && !exists(parent.name)) {
      const by = `relationship \`${relationship}\``
      const near = nearest(parent.name, byName.keys())
      problems.push(problem('PSN2080', { by, relationship: parent.name, near }, parent.span))
    }
    if (join.kind === 'external_id' && !known.includes(join.type)) {
      const { type, typeSpan } = join
      problems.push(problem('PSN2088', { relationship, type, near: nearest(type, known), known }, typeSpan))
    }
  }
  return problems
}

function tooDeep(
  relationships: readonly Relationship[],
  byName: ReadonlyMap<string, Relationship>,
): Problem[] {
  return relationships.flatMap((each) => {
    const path = [
      'profile',
      ...pathOf(each, byName)
        .map(({ name }) => name)
        .reverse(),
    ]
    // Those further down say nothing new.
    return path.length === mostLevels + 1
      ? [problem('PSN2084', { path, most: mostLevels }, each.nameSpan)]
      : []
  })
}

/** Whose rows are asked, and the names of the relationships whose rows are at hand, the innermost last. */
interface Place {
  readonly by: string
  readonly levels: readonly string[]
}

function wrongUses(
  { traits, audiences, entities, relationships }: Definitions,
  byName: ReadonlyMap<string, Relationship>,
  exists: (name: string) => boolean,
): Problem[] {
  const problems: Problem[] = []
  const owners = ownersOf(relationships)
  const timed = new Map(entities.map(({ name, timestamp }) => [name, timestamp !== undefined]))
  const needsTime = (by: string, relationship: string, needs: string, span: Span): void => {
    const entity = byName.get(relationship)?.entity ?? ''
    if (timed.get(entity) === false) problems.push(problem('PSN2086', { by, needs, entity }, span))
  }
  const known = (by: string, relationship: string, span: Span): boolean => {
    if (byName.has(relationship)) return true
    if (!exists(relationship)) {
      const near = nearest(relationship, byName.keys())
      problems.push(problem('PSN2080', { by, relationship, near }, span))
    }
    return false
  }
  const checkTests = (tests: readonly Test[], { levels }: Place): void => {
    for (const { operand } of tests) {
      if (operand.kind !== 'column' || operand.of === undefined || levels.includes(operand.of)) continue
      problems.push(problem('PSN2087', { of: operand.of, levels }, operand.span))
    }
  }
  const checkWhere = (condition: PropertyCondition, place: Place): void => {
    switch (condition.kind) {
      case 'all':
      case 'any':
        for (const inner of condition.conditions) checkWhere(inner, place)
        return
      case 'not':
        checkWhere(condition.condition, place)
        return
      case 'related': {
        const { relationship, relationshipSpan: span } = condition
        const above = place.levels.at(-1) ?? ''
        const parent = byName.get(relationship)?.parent?.name
        if (known(place.by, relationship, span) && parent !== above)
          problems.push(problem('PSN2085', { relationship, above, parent }, span))
        else checkRows(condition, place)
        return
      }
      // What follows an event is no row.
      case 'followed':
        return
      case 'property':
      case 'context':
      case 'column':
      case 'trait':
        checkTests(condition.tests, place)
    }
  }
  const checkRows = (
    {
      relationship,
      relationshipSpan,
      where,
      window,
    }: Pick<RelatedRows, 'relationship' | 'relationshipSpan' | 'where' | 'window'>,
    { by, levels }: Place,
  ): void => {
    if (window !== undefined) needsTime(by, relationship, 'its window', relationshipSpan)
    for (const condition of where) checkWhere(condition, { by, levels: [...levels, relationship] })
  }
  const checkTrait = (trait: RelatedTrait): void => {
    const { name, entity, relationship, relationshipSpan: span, type } = trait
    const by = `trait \`${name}\``
    if (!known(by, relationship, span)) return
    const owner = owners.get(relationship) ?? entity
    if (owner !== entity)
      problems.push(problem('PSN2089', { trait: name, entity, relationship, owner }, span))
    if (type === 'first' || type === 'last') needsTime(by, relationship, `\`type: ${type}\``, span)
    checkRows(trait, { by, levels: [] })
  }
  const checkCondition = (condition: Condition, by: string): void => {
    switch (condition.kind) {
      case 'all':
      case 'any':
        for (const inner of condition.conditions) checkCondition(inner, by)
        return
      case 'not':
      case 'users':
        checkCondition(condition.condition, by)
        return
      case 'related': {
        const { relationship, relationshipSpan: span, value } = condition
        if (!known(by, relationship, span)) return
        if (value?.type === 'first' || value?.type === 'last')
          needsTime(by, relationship, `\`${value.type}\``, span)
        checkRows(condition, { by, levels: [] })
        return
      }
      case 'event':
      case 'trait':
      case 'audience':
    }
  }
  for (const trait of traits) if ('relationship' in trait) checkTrait(trait)
  for (const { name, match } of audiences) checkCondition(match, `audience \`${name}\``)
  return problems
}
