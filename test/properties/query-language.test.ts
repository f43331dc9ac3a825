import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reducerTypes } from '../../src/definitions/condition-shape.ts'
import type { Audience, EventTrait, RelatedTrait, Trait } from '../../src/definitions/definitions.ts'
import { linkAudiences } from '../../src/definitions/link-audiences.ts'
import { parseFile } from '../../src/definitions/parse-file.ts'
import { renderAudience, renderTrait } from '../../src/definitions/render-definition.ts'
import type { Raw } from '../reference/definitions/conditions.ts'
import { seed } from '../support/seed.ts'
import { audiences, baseAudiences, traits } from './definition-arbitraries.ts'
import { relationships } from './related-world-arbitraries.ts'
import { relatedAudiences, relatedTraits } from './relationship-arbitraries.ts'
import { eventNames } from './world-arbitraries.ts'

const numRuns = 1500

interface Read {
  readonly traits: readonly Trait[]
  readonly audiences: readonly Audience[]
}

function read(text: string): Read {
  const file = parseFile('models/shop.yml', text, { env: {}, vars: {} }).file
  if (file.problems.length > 0)
    throw new Error(`${file.problems.map(({ message, hint }) => `${message} (${hint})`).join('\n')}\n${text}`)
  return {
    traits: file.traits.flatMap((trait) => (trait.type === 'sql' ? [] : [trait])),
    audiences: file.audiences,
  }
}

/** Spans aside, and what only they are for. */
function meaning(of: unknown): unknown {
  if (Array.isArray(of)) return of.map(meaning)
  if (typeof of !== 'object' || of === null) return of
  return Object.fromEntries(
    Object.entries(of).flatMap(([key, value]) => (/[sS]pans?$/.test(key) ? [] : [[key, meaning(value)]])),
  )
}

const bases = read(JSON.stringify({ audiences: baseAudiences })).audiences
const names = new Set([...bases.map(({ name }) => name), 'asked', 'vip'])

const links = parseFile('models/shop.yml', JSON.stringify({ relationships }), { env: {}, vars: {} }).file
  .relationships

function linked(text: string): Audience | undefined {
  // An audience of the name of a trait: the trait must then be told from it.
  const vip = read('audiences: [{ name: vip, match: { trait: plan, exists: true } }]').audiences
  return linkAudiences([...bases, ...vip, ...read(text).audiences], links).at(-1)
}

describe('a definition in its other form is the same definition', () => {
  test.each(['query', 'yaml'] as const)('audiences as %s', (form) => {
    const property = fc.property(fc.oneof(audiences, relatedAudiences), (raw) => {
      const written = linked(JSON.stringify({ audiences: [{ name: 'asked', ...raw }] }))
      if (written === undefined) throw new Error('no audience')
      const rendered = renderAudience(written, form, names)
      if (form === 'query' && comparisonsOf(raw) > 50) return
      expect(meaning(linked(rendered)), rendered).toEqual(meaning(written))
    })
    fc.assert(property, { seed, numRuns })
  })

  test.each(['query', 'yaml'] as const)('traits as %s', (form) => {
    const property = fc.property(fc.oneof(traits, relatedTraits), (raw: Raw) => {
      const written = onlyTrait(JSON.stringify({ traits: [{ name: 'asked', ...raw }] }))
      const rendered = renderTrait(written, form) ?? ''
      if (form === 'query' && comparisonsOf(raw) > 50) return
      expect(meaning(onlyTrait(rendered)), rendered).toEqual(meaning(written))
    })
    fc.assert(property, { seed, numRuns })
  })
})

test('what is drawn holds every word, or nothing would be said of it', () => {
  const drawn = JSON.stringify([
    fc.sample(audiences, { seed, numRuns: 1000 }),
    fc.sample(traits, { seed, numRuns: 1000 }),
    fc.sample(relatedAudiences, { seed, numRuns: 1000 }),
    fc.sample(relatedTraits, { seed, numRuns: 1000 }),
  ])
  const words = [
    ...['all', 'any', 'not', 'any_user', 'all_users', 'none_of_users', 'audience', 'event', 'trait'],
    ...['account_trait', 'property', 'context', 'parent', 'count', 'at_least', 'exactly', 'at_most', 'where'],
    ...['then', 'require_window_elapsed', 'within', 'between', 'since', 'until', 'exclude_sources'],
    ...['min_frequency', ...reducerTypes, 'equals', 'not_equals', 'less_than', 'less_than_or_equal'],
    ...['greater_than', 'greater_than_or_equal', 'one_of', 'none_of', 'contains', 'does_not_contain'],
    ...['contains_one_of', 'starts_with', 'ends_with', 'exists', 'before', 'after', 'within_last'],
    ...['within_next', 'before_last', 'after_next', 'session', 'history_since', 'user_trait', 'default'],
    ...['p', 'as', 'include_anonymous', 'relationship', 'column', 'of', 'with', 'entity', 'type', 'match'],
  ]
  expect(words.filter((word) => !drawn.includes(`"${word}":`))).toEqual([])
})

test('and what stands beside other things, or inside others of its kind', () => {
  const [conditions, rows] = [audiences, relatedAudiences].map((of) => fc.sample(of, { seed, numRuns: 1000 }))
  const event = (of: Raw): boolean => 'event' in of
  const row = (of: Raw): boolean => 'relationship' in of
  const then = (of: Raw): boolean => 'then' in of && !('event' in of)
  expect({
    'a funnel in any': holds(conditions, [event, (of) => 'any' in of, then]),
    'a funnel in not': holds(conditions, [event, (of) => 'not' in of, then]),
    'a funnel in a funnel': holds(conditions, [event, then, (of) => 'event' in of, then]),
    'rows below rows, five times': holds(rows, [row, row, row, row, row]),
    'rows below in any of with': holds(rows, [(of) => 'with' in of, (of) => 'any' in of, row]),
    'rows below in not of where': holds(rows, [(of) => 'where' in of, (of) => 'not' in of, row]),
    'with beside where': holds(rows, [
      (of) => 'with' in of && Array.isArray(of.where) && of.where.length > 0,
    ]),
    'a window of rows below without any': holds(rows, [row, (of) => 'within' in of && isNone(of.count)]),
    'a column of two rows above': holds(rows, [row, row, (of) => row(of) && asksOf(of, 'carts')]),
    'rows reduced': holds(rows, [(of) => 'sum' in of && row(of)]),
    'rows in a session': holds(rows, [(of) => 'session' in of && row(of)]),
    'the account of users that are judged': holds(conditions, [
      (of) => 'all_users' in of,
      (of) => 'account_trait' in of,
    ]),
  }).toEqual({
    'a funnel in any': true,
    'a funnel in not': true,
    'a funnel in a funnel': true,
    'rows below rows, five times': true,
    'rows below in any of with': true,
    'rows below in not of where': true,
    'with beside where': true,
    'a window of rows below without any': true,
    'a column of two rows above': true,
    'rows reduced': true,
    'rows in a session': true,
    'the account of users that are judged': true,
  })
})

function isNone(count: unknown): boolean {
  return typeof count === 'object' && count !== null && 'exactly' in count && count.exactly === 0
}

/** Whether a column of rows of some relationship is named somewhere inside. */
function asksOf(value: unknown, relationship: string): boolean {
  return JSON.stringify(value).includes(`"of":"${relationship}"`)
}

/** Whether some value has such maps inside each other, the outermost first. */
function holds(value: unknown, [first, ...others]: readonly ((of: Raw) => boolean)[]): boolean {
  if (first === undefined) return true
  if (typeof value !== 'object' || value === null) return false
  const inside = Object.values(value)
  const here = !Array.isArray(value) && first(Object.fromEntries(Object.entries(value)))
  if (here && (others.length === 0 || inside.some((each) => holds(each, others)))) return true
  return inside.some((each) => holds(each, [first, ...others]))
}

function onlyTrait(text: string): EventTrait | RelatedTrait {
  const [trait] = read(text).traits
  if (trait === undefined || !('event' in trait || 'relationship' in trait)) throw new Error('no trait')
  return trait
}

function comparisonsOf(raw: unknown): number {
  if (typeof raw !== 'object' || raw === null) return 0
  const own = [
    ...['property', 'context', 'trait', 'account_trait', 'audience', 'event'],
    ...['relationship', 'column'],
  ].some((key) => key in raw)
    ? 1
    : 0
  return Object.values(raw).reduce((sum: number, value) => sum + comparisonsOf(value), own)
}

const parts = [
  ...[
    "event('Order Completed')",
    "relationship('carts')",
    "column('total')",
    "column('total', of: 'carts')",
    "trait('plan')",
    "property('a')",
    "context('page.url')",
    '.where(',
    '.count()',
  ],
  ...['.within(90 days)', '.within(parent: 1 hour)', '.between(1 day, 2 days)', ".sources(exclude: ['web'])"],
  ...[".sum(property('a'))", ".mode(property('a') as array, 2)", ".unique(property('a.$'))", '.exists()'],
  ...[
    ' AND ',
    ' OR ',
    'NOT ',
    'ANY ',
    'ALL ',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ',',
    '.',
    ':',
    ' >= ',
    ' = ',
    '≥',
  ],
  ...[
    '3',
    '-1',
    '1e400',
    '2026-01-01',
    "'x'",
    '"',
    "'",
    '\\',
    '\\u00',
    'true',
    'null',
    '90',
    ' days',
    ' ',
    '\n',
  ],
  ...['é', '\u{1F642}', '\u0000', '{{', "literal('x')", 'as', 'parent: ', ...eventNames],
]

test('no text makes a query throw; every problem has a place inside it', () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...parts), { maxLength: 25 }).map((all) => all.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.nat({ max: 3000 }).map((times) => `${'('.repeat(times)}trait('a')`),
    fc.nat({ max: 3000 }).map((times) => `${'NOT '.repeat(times)}trait('a') = 1`),
    fc.nat({ max: 80 }).map((times) => `${"trait('a') = 1 AND ".repeat(times)}trait('a') = 1`),
  )
  const entity = fc.constantFrom('user', 'account')
  const property = fc.property(text, entity, fc.boolean(), (query, of, trait) => {
    const list = trait ? 'traits' : 'audiences'
    const file = JSON.stringify({ [list]: [{ name: 'asked', entity: of, query }] })
    const { problems } = parseFile('models/a.yml', file, { env: {}, vars: {} }).file
    for (const { span, message, hint, code } of problems) {
      expect(span?.file).toBe('models/a.yml')
      expect(span?.endColumn).toBeLessThanOrEqual(file.length + 1)
      expect(code).toMatch(/^PSN\d{4}$/)
      expect(message + hint).not.toMatch(/undefined|\[object/)
    }
  })
  fc.assert(property, { seed, numRuns: 1500 })
})
