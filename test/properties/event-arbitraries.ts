import fc from 'fast-check'
import type { Raw } from '../reference/definitions/conditions.ts'
import type { Kind } from '../reference/definitions/values.ts'
import { baseKinds, userReferences } from './base-traits.ts'
import {
  duration,
  durations,
  fitting,
  leaf,
  type Subject,
  subjectsOf,
  test,
  tree,
} from './condition-arbitraries.ts'
import { accountTraits, contexts, eventNames, instants, properties, userTraits } from './world-arbitraries.ts'

const own = ['label', 'amount', 'quantity', 'gift', 'due'].map((property) => ({ property }))
const parents = ['label', 'amount', 'quantity', 'gift', 'due'].map((parent) => ({ parent }))

const eventSubjects: readonly Subject[] = [
  ...subjectsOf('property', properties),
  ...subjectsOf('property', { 'tags.$': 'text', 'label.$': 'text' }),
  ...subjectsOf('context', contexts),
]

/**
 * @param traitsOf of those whose events they are
 * @param deep how many events may follow each other here
 */
export function where(
  traitsOf: Readonly<Record<string, Kind>>,
  references: readonly Raw[],
  deep = 2,
): fc.Arbitrary<readonly Raw[]> {
  const base = traitsOf === accountTraits ? baseKinds.account : baseKinds.user
  const subjects = [
    ...eventSubjects,
    ...subjectsOf('trait', traitsOf).slice(0, 2),
    ...subjectsOf('trait', base).slice(0, 2),
  ]
  const leaves = leaf(subjects, [...references, ...own])
  const outer = references.filter((reference) => !('parent' in reference))
  const conditions = tree(
    deep === 0
      ? leaves
      : fc.oneof(
          { weight: 6, arbitrary: leaves },
          followed(traitsOf, outer, deep - 1).map((then) => ({ then })),
        ),
  )
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.tuple(conditions) },
    fc.tuple(conditions, conditions),
  )
}

export const rowWindow: fc.Arbitrary<Raw> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: duration.map((within) => ({ within })) },
  fc
    .tuple(fc.nat({ max: durations.length - 2 }), fc.nat({ max: durations.length - 2 }))
    .map(([near, more]) => ({
      between: [durations[near], durations[Math.min(durations.length - 1, near + 1 + more)]],
    })),
  fc.constantFrom(...instants).map((since) => ({ since })),
  fc.constantFrom(...instants).map((until) => ({ until })),
)
export const window: fc.Arbitrary<Raw> = fc.oneof(
  { weight: 4, arbitrary: rowWindow },
  { weight: 1, arbitrary: fc.constantFrom('30m', '1h', '1d', '25h').map((session) => ({ session })) },
)

export const count: fc.Arbitrary<Raw> = fc.oneof(
  fc.constant({}),
  fc.integer({ min: 1, max: 3 }).map((least) => ({ count: { at_least: least } })),
  fc.integer({ min: 0, max: 2 }).map((exactly) => ({ count: { exactly } })),
  fc.integer({ min: 0, max: 2 }).map((most) => ({ count: { at_most: most } })),
)

/** Some of whose sources are left out. */
export const excluded: fc.Arbitrary<Raw> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  fc.constantFrom(['web'], ['web', "joe's app"]).map((sources) => ({ exclude_sources: sources })),
)

function followed(
  traitsOf: Readonly<Record<string, Kind>>,
  references: readonly Raw[],
  deep: number,
): fc.Arbitrary<Raw> {
  return fc
    .tuple(
      fc.record({
        not: fc.boolean(),
        event: fc.constantFrom(...eventNames),
        within: duration,
        where: where(traitsOf, [...parents, ...references], deep),
        require_window_elapsed: fc.boolean(),
      }),
      count,
      excluded,
    )
    .map(([of, counted, left]) => ({ ...of, ...counted, ...left }))
}
const then = followed(userTraits, userReferences, 1)

export const types = [
  ...[
    'count',
    'sum',
    'avg',
    'min',
    'max',
    'median',
    'percentile',
    'most_frequent',
    'first',
    'last',
    'unique_list',
    'unique_list_count',
  ],
] as const

export const countedEvent: fc.Arbitrary<Raw> = fc
  .tuple(
    fc.record({ event: fc.constantFrom(...eventNames), where: where(userTraits, userReferences) }),
    count,
    window,
    fc.option(then, { nil: undefined, freq: 2 }),
    excluded,
  )
  .map(([of, counted, during, followed, left]) => ({
    ...of,
    ...counted,
    ...during,
    // biome-ignore lint/suspicious/noThenProperty: the public word for what follows an event
    ...(followed !== undefined && { then: followed }),
    ...left,
  }))

/** What stands beside a reducer. */
export const options: fc.Arbitrary<(type: string) => Raw> = fc
  .record({
    frequency: fc.constantFrom(1, 2, 3),
    whole: fc.boolean(),
    text: fc.boolean(),
    p: fc.constantFrom(0, 0.07, 0.25, 0.5, 0.9, 1),
  })
  .map(({ frequency, whole, text, p }) => (type) => {
    if (type === 'most_frequent') return { min_frequency: frequency, ...(whole && { as: 'array' }) }
    if (type === 'percentile') return { p }
    return type === 'min' || type === 'max' ? { as: text ? 'text' : 'number' } : {}
  })

/** Conditions on what events are reduced to. */
const reducedEvent: fc.Arbitrary<Raw> = fc
  .record({
    event: countedEvent,
    type: fc.constantFrom(...types.filter((type) => type !== 'count')),
    property: fc.constantFrom(...Object.keys(properties), 'tags.$'),
    beside: options,
    holds: fc.oneof(test(userReferences), fitting.number, fitting.text, fitting.integer),
  })
  .map(({ event: of, type, property, beside, holds }) => ({
    ...Object.fromEntries(Object.entries(of).filter(([key]) => key !== 'count')),
    [type]: property,
    ...beside(type),
    ...holds,
  }))

export const event: fc.Arbitrary<Raw> = fc.oneof({ weight: 3, arbitrary: countedEvent }, reducedEvent)
