import { posix } from 'node:path'
import { Document, isMap, isScalar, isSeq, type Node, Scalar, visit } from 'yaml'
import type { History } from './conditions.ts'
import type { Audience, Definition, EventTrait, FormulaTrait, RelatedTrait, Trait } from './definitions.ts'
import { shortInstant } from './duration.ts'
import { renderQuery, renderTraitQuery } from './query/render-query.ts'
import { type RawMap, rawOfCondition, rawOfEventTrait, rawOfRelatedTrait } from './raw-of-condition.ts'
import { mostRows } from './read-trait.ts'

/** How the heart of a definition is written: as a query, or key by key. */
export type DefinitionForm = 'query' | 'yaml'

/** @returns the YAML of a project file that holds this audience alone */
export function renderAudience(
  audience: Audience,
  form: DefinitionForm,
  audiences: ReadonlySet<string>,
): string {
  const { entity, includeAnonymous, match } = audience
  return renderFile('audiences', {
    ...carried(audience),
    entity,
    ...(includeAnonymous && { include_anonymous: true }),
    ...rawOfHistory(audience),
    ...(form === 'query'
      ? { query: renderQuery(match, entity, audiences) }
      : { match: rawOfCondition(match) }),
  })
}

/** @returns the YAML of a project file that holds this trait alone; undefined for a query of what is not of events */
export function renderTrait(trait: Trait, form: DefinitionForm): string | undefined {
  const kept = { ...carried(trait), entity: trait.entity }
  if (form === 'query' && !('event' in trait || 'relationship' in trait)) return undefined
  if (trait.type === 'formula' || trait.type === 'sql') {
    const { type } = trait
    const own =
      trait.type === 'formula'
        ? { expression: trait.expression, ...rawOfFallback(trait) }
        : {
            file: posix.relative(posix.dirname(trait.span.file), trait.file),
            ...(trait.createProfiles !== undefined && { create_profiles: trait.createProfiles }),
            ...(trait.maxRows !== mostRows && { max_rows: trait.maxRows }),
          }
    return renderFile('traits', { ...kept, type, ...own })
  }
  return renderFile('traits', {
    ...kept,
    ...(trait.includeAnonymous && { include_anonymous: true }),
    ...('event' in trait && rawOfHistory(trait)),
    ...(form === 'query'
      ? { query: renderTraitQuery(trait) }
      : 'relationship' in trait
        ? rawOfRelatedTrait(trait)
        : rawOfEventTrait(trait)),
    ...rawOfFallback(trait),
  })
}

function rawOfHistory({ historySince }: History): RawMap {
  return historySince === undefined ? {} : { history_since: shortInstant(historySince) }
}

function rawOfFallback({ fallback }: EventTrait | RelatedTrait | FormulaTrait): RawMap {
  return fallback === undefined ? {} : { default: fallback.value }
}

function carried(of: Definition & { readonly ignoreWarnings: readonly string[] }): RawMap {
  const { name, description, owner, tags, meta, ignoreWarnings } = of
  return {
    name,
    ...(description !== undefined && { description }),
    ...(owner !== undefined && { owner }),
    ...(tags.length > 0 && { tags }),
    ...(Object.keys(meta).length > 0 && { meta }),
    ...(ignoreWarnings.length > 0 && { ignore_warnings: ignoreWarnings }),
  }
}

/** Longer maps and lists are written over several lines. */
const flowWidth = 90

function renderFile(key: string, definition: RawMap): string {
  const document = new Document({ [key]: [definition] })
  visit(document, {
    Pair(_, { key: name, value }) {
      // A query of several lines keeps them.
      if (isScalar(name) && name.value === 'query' && isScalar(value))
        value.type = String(value.value).includes('\n') ? Scalar.BLOCK_LITERAL : Scalar.PLAIN
    },
    Collection(_, node, path) {
      // The list of definitions, and the definition itself, are never on one line.
      if (path.length > 4 && isShort(node)) {
        node.flow = true
        return visit.SKIP
      }
      return undefined
    },
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: true })
}

/** Junctions stand on lines of their own. */
function isShort(node: Node): boolean {
  const nested = isMap(node) ? node.items.map(({ value }) => value) : isSeq(node) ? node.items : []
  const deep = nested.some((each) => isSeq(each) && each.items.some(isMap))
  return !deep && JSON.stringify(node.toJSON()).length <= flowWidth
}
