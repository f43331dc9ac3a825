import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadDefinitions } from '../../../src/definitions/load-definitions.ts'
import { temporaryProject } from '../../support/temporary-project.ts'

const source = 'sources: [ { name: web, format: segment, schema: web_prod } ]\n'

function load(files: Readonly<Record<string, string>>, vars: Record<string, unknown> = {}, env = {}) {
  const projectDir = temporaryProject({ 'models/sources.yml': source, ...files })
  const paths = { models: join(projectDir, 'models'), templates: '', seeds: '', target: '' }
  return loadDefinitions({ projectDir, paths, vars }, { env })
}

/** The one definition of a kind, from a file that has no problem. */
function loadOne(text: string, vars?: Record<string, unknown>) {
  const { definitions, problems } = load({ 'models/shop.yml': text }, vars)
  expect(problems).toEqual([])
  return definitions
}

describe('sources', () => {
  test('a table source maps columns, with their places', () => {
    const { sources } = loadOne(`sources:
  - name: pos
    format: table
    table: lake.raw.pos_orders
    type: track
    event: { column: event_name }
    id: order_id
    timestamp: ordered_at
    identifiers: { user_id: customer_id }
    properties: { revenue: total }
`)
    expect(sources[0]).toMatchObject({
      name: 'pos',
      database: 'lake',
      schema: 'raw',
      table: 'pos_orders',
      event: { column: 'event_name', span: { line: 6, column: 22 } },
      id: { column: 'order_id' },
      identifiers: [{ type: 'user_id', column: 'customer_id', span: { line: 9, column: 29 } }],
      properties: [{ property: 'revenue', column: 'total' }],
    })
    expect(sources[0]).not.toHaveProperty('loadedAt')
  })

  test('properties may be one JSON column', () => {
    const { sources } = loadOne(
      'sources: [ { name: p, format: table, table: raw.p, type: identify, id: a, timestamp: b, properties: { json: payload } } ]',
    )
    expect(sources[0]).toMatchObject({ properties: { json: { column: 'payload' } } })
  })
})

describe('identity', () => {
  test('is the eleven default types where it is left out', () => {
    const { identity } = loadOne('traits: []')
    expect(identity.identifiers.map(({ type, priority, limit }) => [type, priority, limit])).toEqual([
      ['user_id', 1, 1],
      ['email', 2, 5],
      ['android.id', 3, 5],
      ['android.idfa', 4, 5],
      ['android.push_token', 5, 5],
      ['anonymous_id', 6, 5],
      ['ga_client_id', 7, 5],
      ['group_id', 8, 5],
      ['ios.id', 9, 5],
      ['ios.idfa', 10, 5],
      ['ios.push_token', 11, 5],
    ])
  })

  test('priorities left out follow the explicit ones in the default order', () => {
    const { identity } = loadOne(`identity:
  identifiers:
    - { type: phone, blocked: ['0', { pattern: '^0+$' }] }
    - { type: anonymous_id, priority: 4, frequency: weekly }
    - { type: email }
    - { type: app_id }
`)
    expect(identity.identifiers.map(({ type, priority }) => `${type} ${priority}`)).toEqual([
      'anonymous_id 4',
      'email 5',
      'app_id 6',
      'phone 7',
    ])
    expect(identity.identifiers).toMatchObject([
      { frequency: 'weekly', limit: 5, normalize: 'none' },
      { normalize: 'lowercase' },
      {},
      {
        blocked: [{ exact: '0' }, { pattern: '^0+$' }],
        locations: ['traits', 'properties', 'context_traits', 'external_ids'],
      },
    ])
  })

  test('warn_cluster_size with and without identifiers', () => {
    const alone = loadOne('identity: { warn_cluster_size: 200 }\n').identity
    expect(alone.warnClusterSize).toBe(200)
    expect(alone.identifiers).toEqual(loadOne('').identity.identifiers)
    const listed = loadOne('identity: { identifiers: [ { type: email } ], warn_cluster_size: 7 }\n').identity
    expect(listed).toMatchObject({ identifiers: [{ type: 'email' }], warnClusterSize: 7 })
    expect(loadOne('identity: { identifiers: [ { type: email } ] }\n').identity).not.toHaveProperty(
      'warnClusterSize',
    )
  })
})

describe('traits', () => {
  test('windows, defaults and variables', () => {
    const { traits } = loadOne(
      `traits:
  - { name: a, type: count, event: E, within: "{{ var 'days' }}d" }
  - { name: b, type: last, event: E, property: p.q, between: [45s, 2w], include_anonymous: true }
  - { name: c, type: most_frequent, event: E, property: p, since: 2026-01-01, until: 2026-06-01T02:00:00+02:00 }
  - { name: d, type: sum, entity: account, event: E, property: p, tags: gold, meta: { a: [1] } }
`,
      { days: 90 },
    )
    expect(traits).toMatchObject([
      {
        name: 'a',
        entity: 'user',
        window: { kind: 'within', seconds: 7_776_000 },
        includeAnonymous: false,
        tags: [],
      },
      {
        window: { kind: 'between', nearSeconds: 45, farSeconds: 1_209_600 },
        property: { path: 'p.q' },
        includeAnonymous: true,
      },
      {
        window: { kind: 'absolute', since: '2026-01-01T00:00:00.000Z', until: '2026-06-01T00:00:00.000Z' },
        minFrequency: 2,
      },
      { entity: 'account', tags: ['gold'], meta: { a: [1] } },
    ])
  })

  test('a SQL file is found beside its trait or in the models folder; the others are models', () => {
    const { definitions, problems } = load({
      'models/crm/traits.yml':
        'traits: [ { name: a, type: sql, file: a.sql }, { name: b, type: sql, file: b.sql } ]',
      'models/crm/a.sql': 'select 1',
      'models/b.sql': 'select 2',
      'models/crm/orders.sql': '-- description: Every order\n-- tags: raw, shop\nselect 3',
    })
    expect(problems).toEqual([])
    expect(definitions.traits).toMatchObject([
      { file: 'models/crm/a.sql', sql: 'select 1' },
      { file: 'models/b.sql', sql: 'select 2' },
    ])
    expect(definitions.models).toMatchObject([
      { name: 'orders', file: 'models/crm/orders.sql', description: 'Every order', tags: ['raw', 'shop'] },
    ])
  })
})

describe('conditions', () => {
  const match = (text: string, entity = 'user') => {
    const { audiences } = loadOne(
      `audiences:\n  - { name: members, entity: user, match: { trait: m, exists: true } }\n  - { name: a, entity: ${entity}, match: ${text} }\n`,
    )
    return audiences[1]?.match
  }

  test('a list is as all; operators of one leaf all hold', () => {
    expect(match('[ { trait: plan, equals: pro, not_equals: free }, { audience: members } ]')).toMatchObject({
      kind: 'all',
      conditions: [
        {
          kind: 'trait',
          entity: 'user',
          tests: [
            { operator: 'equals', operand: { kind: 'literal', value: 'pro' } },
            { operator: 'not_equals', operand: { kind: 'literal', value: 'free' } },
          ],
        },
        { kind: 'audience', audience: 'members' },
      ],
    })
  })

  test.each([
    ['equals: 1', { kind: 'literal', value: 1 }],
    ['equals: { trait: other }', { kind: 'trait', trait: 'other' }],
    ['less_than: 1.5', { kind: 'literal', value: 1.5 }],
    ['one_of: [a, 1, true]', { kind: 'list', values: ['a', 1, true] }],
    ['contains: a', { kind: 'literal', value: 'a' }],
    ['contains: [a, b]', { kind: 'list', values: ['a', 'b'] }],
    ['exists: false', { kind: 'literal', value: false }],
    ['before: 2026-01-01', { kind: 'literal', value: '2026-01-01T00:00:00.000Z' }],
    ['after: { trait: signed_up_at }', { kind: 'trait', trait: 'signed_up_at' }],
    ['within_last: 7d', { kind: 'duration', seconds: 604_800 }],
    ['after_next: 30m', { kind: 'duration', seconds: 1_800 }],
  ])('%s', (test, operand) => {
    expect(match(`{ trait: x, ${test} }`)).toMatchObject({ tests: [{ operand }] })
  })

  test.each([
    'less_than: a',
    'one_of: a',
    'one_of: []',
    'exists: maybe',
    'before: 2026-13-01',
    'before: 2026-01-01T00:00:00',
    'within_last: 7',
    'within_last: 7 days',
    'contains: 7',
    'equals: [a]',
    'starts_with: { prent: x }',
    'equals: { parent: x }',
  ])('%s is refused', (test) => {
    const { problems } = load({ 'models/a.yml': `audiences: [ { name: a, match: { trait: x, ${test} } } ]` })
    expect(problems).toHaveLength(1)
  })

  test('counts, windows, properties of context and what follows', () => {
    expect(
      match(`{
      event: Product Added,
      count: { at_most: 2 },
      within: 30d,
      where: [ { any: [ { context: page.url, contains: sale }, { not: { property: products.$, equals: x } } ] } ],
      then: { not: true, event: Order Completed, within: 1h, where: [ { property: id, equals: { parent: id } } ] } }`),
    ).toMatchObject({
      kind: 'event',
      count: { comparison: 'at_most', value: 2 },
      window: { kind: 'within', seconds: 2_592_000 },
      where: [{ kind: 'any', conditions: [{ kind: 'context', path: 'page.url' }, { kind: 'not' }] }],
      // biome-ignore lint/suspicious/noThenProperty: the public word for what follows an event
      then: {
        not: true,
        withinSeconds: 3_600,
        count: { comparison: 'at_least', value: 1 },
        where: [{ tests: [{ operand: { kind: 'parent', property: 'id' } }] }],
        requireWindowElapsed: false,
      },
    })
  })

  test('an account audience asks any user where it does not say which', () => {
    const any = { kind: 'users', quantifier: 'any' }
    expect(
      match('[ { event: E }, { audience: members }, { not: { audience: members } } ]', 'account'),
    ).toMatchObject({
      conditions: [
        { ...any, condition: { kind: 'event' } },
        { ...any, condition: { kind: 'audience' } },
        { kind: 'not', condition: any },
      ],
    })
    expect(
      match(
        '[ { trait: t, exists: true }, { none_of_users: [ { audience: members }, { trait: t, exists: true } ] } ]',
        'account',
      ),
    ).toMatchObject({
      conditions: [
        { kind: 'trait', entity: 'account' },
        {
          kind: 'users',
          quantifier: 'none',
          condition: { kind: 'all', conditions: [{ kind: 'audience' }, { kind: 'trait', entity: 'user' }] },
        },
      ],
    })
  })
})

describe('problems', () => {
  const codes = (files: Readonly<Record<string, string>>) =>
    load(files)
      .problems.map(({ code, span }) => `${code} ${span?.file}`)
      .toSorted()

  test('of all files come together', () => {
    expect(
      codes({
        'models/a.yml': 'traits: [ { name: a, type: cuont, event: E } ]',
        'models/b.yml': 'audiences: [ { name: b, match: { audience: nope } } ]',
        'models/c.yaml': 'x: [',
      }).map((line) => line.split(' ')[0]),
    ).toContain('PSN1004')
    expect(
      codes({
        'models/a.yml': 'traits: [ { name: a, type: cuont, event: E } ]',
        'models/deep/er/b.yaml': 'audiences: [ { name: b, match: { audience: nope } } ]',
      }),
    ).toEqual(['PSN1013 models/a.yml', 'PSN2001 models/deep/er/b.yaml'])
  })

  test('of the syntax of one file only the first is told', () => {
    expect(codes({ 'models/a.yml': 'a: [\nb: c: d\n e: {\n' })).toEqual(['PSN1004 models/a.yml'])
  })

  test('a reference to what is itself broken, or may be in a broken file, is not blamed', () => {
    const reference = { 'models/b.yml': 'audiences: [ { name: b, match: { audience: a } } ]' }
    expect(
      codes({ ...reference, 'models/a.yml': 'audiences: [ { name: a, match: { trait: x } } ]' }),
    ).toEqual(['PSN2032 models/a.yml'])
    expect(codes({ ...reference, 'models/a.yml': 'audiences: [' })).toEqual(['PSN1004 models/a.yml'])
  })

  test('an alias is what it stands for; one inside itself ends', () => {
    expect(
      codes({
        'models/a.yml': 'traits:\n  - &t { name: a, type: count, event: E, meta: { x: &w [ 1 ], y: *w } }\n',
      }),
    ).toEqual([])
    expect(
      codes({ 'models/a.yml': 'traits:\n  - &t { name: a, type: count, event: E, meta: { x: *t } }\n' }),
    ).toEqual([])
  })

  test('keys that objects inherit are keys like others', () => {
    expect(
      codes({
        'models/a.yml': 'traits: [ { name: a, type: count, event: E, constructor: 1, __proto__: 2 } ]',
      }),
    ).toEqual(['PSN1010 models/a.yml', 'PSN1010 models/a.yml'])
  })
})

test('environment values in destinations are secrets', () => {
  const text = `destinations: [ { name: hook, type: webhook, secret: "{{ env_var 'SECRET' }}" } ]\ntraits: [ { name: a, type: count, event: "{{ env_var 'EVENT' }}" } ]\n`
  const { definitions, secrets, problems } = load(
    { 'models/a.yml': text },
    {},
    { SECRET: 's3cret', EVENT: 'E' },
  )
  expect(problems).toEqual([])
  expect(definitions.destinations[0]?.settings).toEqual({ secret: 's3cret' })
  expect(secrets).toEqual(['s3cret'])
})
