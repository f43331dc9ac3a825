import type { Definitions, Entity, EventTrait, Trait } from '../../definitions/definitions.ts'
import { traitsOf } from '../../definitions/formula.ts'
import { joinTraitsOf } from '../../definitions/relationship-tree.ts'
import { plainName, shortName } from '../../sql/names.ts'
import { leavesOf, traitOperands } from '../conditions/operands.ts'
import { windowName } from '../conditions/window.ts'
import type { Context } from '../context.ts'
import { isRelated, relatedConditions } from '../relationships/collect-row-needs.ts'
import {
  judgesKnownOnly,
  type Measure,
  measuredConditions,
  measureKey,
  measureOfCondition,
  measureOfRelated,
  measureOfRows,
  measureOfTrait,
} from './measure.ts'

/** A measure as a column of its scan. */
export interface ScanColumn extends Measure {
  readonly column: string
  /** Of a column that no trait names: the first audience that asks for it. It is there for unknown users too where any asks for those. */
  readonly audience?: string
}

/** All that is aggregated of one event or relationship for one entity, in one pass over its rows. */
export interface Scan {
  readonly name: string
  readonly entity: Entity
  readonly event: string
  /** Where `event` names a relationship. */
  readonly ofRows?: true
  readonly columns: readonly ScanColumn[]
  /** Measures that columns answer already, kept for what they may have to be warned of. */
  readonly repeated: readonly Measure[]
}

export interface ScanPlan {
  readonly scans: readonly Scan[]
  /** The scan and column of a trait, by name. */
  ofTrait(name: string): { readonly scan: Scan; readonly column: ScanColumn } | undefined
  /** The same of a measure that an audience asks for, by {@link measureKey}. */
  ofKey(key: string): { readonly scan: Scan; readonly column: ScanColumn } | undefined
}

/** Id of the node that runs a scan. */
export function scanNode({ name }: Pick<Scan, 'name'>): string {
  return `scan.${name}`
}

type Wanted =
  | { readonly measure: Measure; readonly trait: string; readonly hasFallback: boolean }
  | { readonly measure: Measure; readonly audience: string }

/**
 * Which measures share a scan: those of one event and entity, unless one compares with a trait that another scan must
 * find first.
 *
 * @param slugs names of the staged events' tables, by event
 * @param taken names of other columns that stand beside the measures
 */
export function planScans(
  context: Pick<Context, 'dialect'>,
  definitions: Pick<Definitions, 'traits' | 'audiences' | 'relationships'>,
  slugs: ReadonlyMap<string, string>,
  taken: Readonly<Record<Entity, readonly string[]>>,
): ScanPlan {
  const wanted: readonly Wanted[] = [
    ...eventTraits(definitions.traits).map((trait) => ({
      measure: measureOfTrait(trait),
      trait: trait.name,
      hasFallback: trait.fallback !== undefined,
    })),
    ...definitions.traits.filter(isRelated).map((trait) => ({
      measure: measureOfRelated(trait),
      trait: trait.name,
      hasFallback: trait.fallback !== undefined,
    })),
    ...definitions.audiences.flatMap((audience) =>
      measuredConditions(audience.match).map((condition) => ({
        measure: measureOfCondition(condition, judgesKnownOnly(audience)),
        audience: audience.name,
      })),
    ),
    ...definitions.audiences.flatMap((audience) =>
      relatedConditions(audience.match).map((condition) => ({
        measure: measureOfRows(condition, judgesKnownOnly(audience)),
        audience: audience.name,
      })),
    ),
  ]
  const levelOf = levels(definitions)
  const names = {
    user: new Set([...taken.user, ...definitions.traits.map(({ name }) => name)]),
    account: new Set([...taken.account, ...definitions.traits.map(({ name }) => name)]),
  }
  const growing = new Map<string, Scan & { readonly columns: ScanColumn[]; readonly repeated: Measure[] }>()
  const byKey = new Map<string, readonly ScanColumn[]>()
  const byRequest = new Map<string, ScanColumn>()
  const scanOf = new Map<ScanColumn, Scan>()
  const byTrait = new Map<string, ScanColumn>()
  for (const each of wanted) {
    const { measure } = each
    const slug = measure.ofRows ? `${measure.event}__rows` : slugs.get(measure.event)
    const name = scanName(measure, slug ?? plainName(measure.event), levelOf(measure))
    const known = growing.get(name)
    const { entity, event, ofRows } = measure
    const scan = known ?? { name, entity, event, ...(ofRows && { ofRows }), columns: [], repeated: [] }
    if (known === undefined) growing.set(name, scan)
    const key = measureKey({ ...measure, knownOnly: false })
    const same = (byKey.get(key) ?? []).find(
      ({ knownOnly, audience }) => audience !== undefined || !knownOnly || measure.knownOnly,
    )
    if ('audience' in each && same !== undefined) {
      scan.repeated.push(measure)
      byRequest.set(measureKey(measure), same)
      continue
    }
    const column: ScanColumn =
      'trait' in each
        ? { ...measure, column: each.trait }
        : { ...measure, column: freeName(context, names[measure.entity], measure), audience: each.audience }
    if ('trait' in each) byTrait.set(each.trait, column)
    if ('audience' in each) byRequest.set(measureKey(measure), column)
    // Beside all profiles the column has the default too, which is nothing that happened.
    if (!('trait' in each && each.hasFallback)) byKey.set(key, [...(byKey.get(key) ?? []), column])
    scanOf.set(column, scan)
    scan.columns.push(column)
  }
  const found = (column: ScanColumn | undefined) => {
    const scan = column && scanOf.get(column)
    return column && scan && { scan, column }
  }
  return {
    scans: [...growing.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    ofTrait: (name) => found(byTrait.get(name)),
    ofKey: (key) => found(byRequest.get(key)),
  }
}

function eventTraits(traits: readonly Trait[]): readonly EventTrait[] {
  return traits.filter((trait): trait is EventTrait => 'event' in trait)
}

/** Two events never share a slug, and no slug ends in a single underscore before a digit. */
function scanName({ entity }: Measure, slug: string, level: number): string {
  return `${slug}${entity === 'account' ? '__by_account' : ''}${level === 0 ? '' : `__${level + 1}`}`
}

/** 0 for measures that no other scan must come before. */
function levels({
  traits,
  relationships,
}: Pick<Definitions, 'traits' | 'relationships'>): (measure: Measure) => number {
  const joined = joinTraitsOf(relationships)
  const byName = new Map(traits.map((trait) => [`${trait.entity} ${trait.name}`, trait]))
  const known = new Map<string, number>()
  const ofTrait = (entity: Entity, name: string): number => {
    const key = `${entity} ${name}`
    const found = known.get(key)
    if (found !== undefined) return found
    // A circle is a problem of the definitions, and never gets here.
    known.set(key, 0)
    const trait = byName.get(key)
    const level = trait === undefined ? 0 : levelOfTrait(trait)
    known.set(key, level)
    return level
  }
  const levelOfTrait = (trait: Trait): number => {
    switch (trait.type) {
      case 'sql':
        return 0
      case 'formula':
        return Math.max(0, ...traitsOf(trait.formula).map((name) => ofTrait(trait.entity, name)))
      default:
        return levelOf(isRelated(trait) ? measureOfRelated(trait) : measureOfTrait(trait))
    }
  }
  const levelOf = ({ entity, event, ofRows, where, userTrait }: Measure): number => {
    const read = [
      ...traitOperands(where).map(({ trait }) => ofTrait(entity, trait)),
      ...(userTrait === undefined ? [] : [ofTrait('user', userTrait.trait)]),
    ]
    // Rows that a trait joins to the profile come after it.
    const joins = ofRows === true ? (joined.get(event) ?? []).map((trait) => ofTrait(entity, trait)) : []
    return Math.max(0, ...read.map((level) => 1 + level), ...joins)
  }
  return levelOf
}

function subjectOf(leaf: ReturnType<typeof leavesOf>[number]): string {
  switch (leaf.kind) {
    case 'property':
    case 'context':
      return leaf.path
    case 'trait':
      return leaf.trait
    case 'column':
      return leaf.column
  }
}

/** `order_completed_within_60d_count`, of a filtered event with what it asks of first. */
function freeName({ dialect }: Pick<Context, 'dialect'>, taken: Set<string>, measure: Measure): string {
  const [leaf] = leavesOf(measure.where)
  const name = [
    `${plainName(measure.event)}${windowName(measure.window)}`,
    ...(leaf === undefined ? [] : [`with_${plainName(subjectOf(leaf))}`]),
    measure.type,
    ...(measure.property === undefined ? [] : [plainName(measure.property.path)]),
  ].join('_')
  let free = shortName(dialect, name)
  for (let copy = 2; taken.has(free); copy += 1) free = shortName(dialect, `${name}_${copy}`)
  taken.add(free)
  return free
}
