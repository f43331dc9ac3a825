import { describeValue } from '../config/check-shape.ts'
import type { Variables } from '../config/expressions.ts'
import { parseYaml } from '../config/parse-yaml.ts'
import { dispatch, isRecord } from '../config/shape.ts'
import { type Places, yamlValues } from '../config/yaml-values.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'
import { definitionShapes } from './definition-shapes.ts'
import type {
  Audience,
  Destination,
  IdentityRules,
  Relationship,
  Source,
  Sync,
  UnitTest,
  WarehouseEntity,
} from './definitions.ts'
import { readAudience } from './read-audience.ts'
import { readIdentity } from './read-identity.ts'
import { type ItemsOf, readItem, readItems } from './read-items.ts'
import { readEntity, readRelationships } from './read-relationship.ts'
import { readSource } from './read-source.ts'
import { readDestination, readSync } from './read-sync.ts'
import { type ReadTrait, readTrait } from './read-trait.ts'
import { readUnitTest } from './read-unit-test.ts'

/** One YAML file, judged by itself. Plain JSON, so that it can be cached. */
export interface ParsedFile {
  readonly sources: readonly Source[]
  readonly identity: readonly { readonly rules: IdentityRules; readonly span: Span }[]
  readonly entities: readonly WarehouseEntity[]
  readonly relationships: readonly Relationship[]
  readonly traits: readonly ReadTrait[]
  readonly audiences: readonly Audience[]
  readonly destinations: readonly Destination[]
  readonly syncs: readonly Sync[]
  readonly unitTests: readonly UnitTest[]
  /** Names of definitions that were left out for their problems: references to them are not blamed. */
  readonly broken: readonly string[]
  /** The file could not be read at all: any name may be in it. */
  readonly opaque: boolean
  readonly problems: readonly Problem[]
}

/** What a file was read with, to decide whether a cached result still holds. */
export interface ParsedWith {
  readonly file: ParsedFile
  readonly varNames: ReadonlySet<string>
  readonly readsEnvironment: boolean
  /** Environment values that stand in destinations, where secrets are. */
  readonly secrets: readonly string[]
}

const shapes = definitionShapes(dispatch)
const topKeys = Object.keys(shapes)
/** @param file relative to the project */
export function parseFile(file: string, text: string, variables: Variables): ParsedWith {
  const yaml = parseYaml(file, text)
  const broken: string[] = []
  const opaque = yaml.problems.some(({ code }) => code !== 'PSN1005')
  if (opaque) return { file: { ...nothing, opaque, problems: yaml.problems }, ...readsNothing }

  const {
    value,
    places,
    problems: found,
    varNames,
    readsEnvironment,
    fromEnvironment,
  } = yamlValues(yaml, variables)
  const problems: Problem[] = [...yaml.problems, ...found]
  const secrets = fromEnvironment.filter(({ topKey }) => topKey === 'destinations').map((from) => from.value)
  const readWith = { varNames, readsEnvironment, secrets }
  if (value === null || value === undefined) return { file: { ...nothing, problems }, ...readWith }
  if (!isRecord(value)) {
    const parameters = { key: file, expected: 'a map of lists of definitions', found: describeValue(value) }
    problems.push(problem('PSN1012', parameters, yaml.span(0, yaml.text.indexOf('\n'))))
    return { file: { ...nothing, problems }, ...readWith }
  }
  reportUnknownKeys(value, places, file, problems)

  const items: ItemsOf = { value, places, problems, unfilled: [...yaml.problems, ...found], broken }
  const identity = value.identity
  const rules =
    identity === undefined || identity === null
      ? undefined
      : readItem(items, identity, shapes.identity, readIdentity, '`identity`', value, 'identity')
  return {
    file: {
      sources: readItems(items, 'sources', shapes.sources, readSource),
      identity: rules === undefined ? [] : [{ rules, span: places.keySpan(value, 'identity') }],
      entities: readItems(items, 'entities', shapes.entities, readEntity),
      relationships: readItems(items, 'relationships', shapes.relationships, readRelationships).flat(),
      traits: readItems(items, 'traits', shapes.traits, readTrait),
      audiences: readItems(items, 'audiences', shapes.audiences, readAudience),
      destinations: readItems(items, 'destinations', shapes.destinations, readDestination),
      syncs: readItems(items, 'syncs', shapes.syncs, readSync),
      unitTests: readItems(items, 'unit_tests', shapes.unit_tests, readUnitTest),
      broken,
      opaque: false,
      problems,
    },
    ...readWith,
  }
}

const nothing: ParsedFile = {
  sources: [],
  identity: [],
  entities: [],
  relationships: [],
  traits: [],
  audiences: [],
  destinations: [],
  syncs: [],
  unitTests: [],
  broken: [],
  opaque: false,
  problems: [],
}
const readsNothing = { varNames: new Set<string>(), readsEnvironment: false, secrets: [] }

function reportUnknownKeys(
  value: Readonly<Record<string, unknown>>,
  places: Places,
  file: string,
  problems: Problem[],
): void {
  for (const key of Object.keys(value)) {
    if (topKeys.includes(key)) continue
    const parameters = { key, within: file, near: nearest(key, topKeys), known: topKeys }
    problems.push(problem('PSN1010', parameters, places.keySpan(value, key)))
  }
}
