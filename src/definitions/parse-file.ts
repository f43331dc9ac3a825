import { checkShape } from '../config/check-shape.ts'
import type { Variables } from '../config/expressions.ts'
import { parseYaml } from '../config/parse-yaml.ts'
import { dispatch, isRecord } from '../config/shape.ts'
import { type Places, yamlValues } from '../config/yaml-values.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Span } from '../diagnostics/span.ts'
import { definitionShapes } from './definition-shapes.ts'
import type { Audience, Destination, IdentityRules, Source, Sync, UnitTest } from './definitions.ts'
import { readAudience } from './read-audience.ts'
import { readIdentity } from './read-identity.ts'
import { readSource } from './read-source.ts'
import { readDestination, readSync } from './read-sync.ts'
import { type ReadTrait, readTrait } from './read-trait.ts'
import { readUnitTest } from './read-unit-test.ts'
import type { Reading } from './reading.ts'

/** One YAML file, judged by itself. Plain JSON, so that it can be cached. */
export interface ParsedFile {
  readonly sources: readonly Source[]
  readonly identity: readonly { readonly rules: IdentityRules; readonly span: Span }[]
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
const nouns: Readonly<Record<string, string>> = {
  sources: 'source',
  traits: 'trait',
  audiences: 'audience',
  destinations: 'destination',
  syncs: 'sync',
  unit_tests: 'unit test',
}

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
    const parameters = { key: file, expected: 'a map of lists of definitions', found: 'something else' }
    problems.push(problem('PSN1012', parameters, yaml.span(0, yaml.text.indexOf('\n'))))
    return { file: { ...nothing, problems }, ...readWith }
  }
  reportUnknownKeys(value, places, file, problems)

  /** Each item by itself: what is wrong with one leaves the others. */
  const readAll = <Raw, Read>(
    key: string,
    shape: Parameters<typeof checkShape<Raw>>[0],
    read: (raw: Raw, reading: Reading) => Read,
  ): Read[] => {
    const list = value[key]
    if (list === undefined || list === null) return []
    if (!Array.isArray(list)) {
      const parameters = { key, expected: 'a list', found: isRecord(list) ? 'a map' : `\`${String(list)}\`` }
      problems.push(problem('PSN1012', parameters, places.valueSpan(value, key)))
      return []
    }
    return list.flatMap((item: unknown, index) => {
      const name = isRecord(item) && typeof item.name === 'string' ? item.name : undefined
      const owner = name === undefined ? `${nouns[key]} ${index + 1}` : `${nouns[key]} \`${name}\``
      const result = readOne(item, shape, read, owner, list, index)
      if (result === undefined) {
        if (name !== undefined) broken.push(name)
        return []
      }
      return [result]
    })
  }

  const readOne = <Raw, Read>(
    item: unknown,
    shape: Parameters<typeof checkShape<Raw>>[0],
    read: (raw: Raw, reading: Reading) => Read,
    owner: string,
    container: object,
    key: string | number,
  ): Read | undefined => {
    if (!isRecord(item)) {
      const parameters = { key: owner, expected: 'a map', found: item === null ? 'empty' : 'something else' }
      problems.push(problem('PSN1012', parameters, places.valueSpan(container, key)))
      return undefined
    }
    const checked = checkShape(shape, item, places, owner)
    if (!checked.ok) {
      problems.push(...checked.problems)
      return undefined
    }
    const before = problems.length
    const result = read(checked.value, { places, report: (one) => problems.push(one) })
    return problems.length === before ? result : undefined
  }

  const identity = value.identity
  const rules =
    identity === undefined || identity === null
      ? undefined
      : readOne(identity, shapes.identity, readIdentity, '`identity`', value, 'identity')
  return {
    file: {
      sources: readAll('sources', shapes.sources, readSource),
      identity: rules === undefined ? [] : [{ rules, span: places.keySpan(value, 'identity') }],
      traits: readAll('traits', shapes.traits, readTrait),
      audiences: readAll('audiences', shapes.audiences, readAudience),
      destinations: readAll('destinations', shapes.destinations, readDestination),
      syncs: readAll('syncs', shapes.syncs, readSync),
      unitTests: readAll('unit_tests', shapes.unit_tests, readUnitTest),
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
