import { describe, expect, test } from 'vitest'
import { duckdb } from '../../../src/dialects/duckdb.ts'
import { postgres } from '../../../src/dialects/postgres.ts'
import { compileWorld, define } from '../../scenarios/definitions/world-on-engine.ts'
import { expectGoldenSql } from './golden.ts'
import { shop } from './shop-world.ts'

const golden: Readonly<Record<string, string>> = {
  'audience-dormant': `
  - name: dormant_big_spenders
    match:
      all:
        - { trait: avg_spend, greater_than_or_equal: 500 }
        - { event: Order Completed, count: { exactly: 0 }, within: 60d }
        - any:
            - { trait: newsletter, equals: true }
            - { event: Product Viewed, count: { at_least: 3 }, between: [30d, 90d], where: [{ property: category, one_of: [shoes, hats] }] }
        - not: { trait: plan, equals: enterprise }`,
  'audience-funnel': `
  - name: abandoned
    match:
      event: Product Added
      within: 30d
      then: { not: true, event: Order Completed, within: 1h, where: [{ property: product_id, equals: { parent: product_id } }] }`,
  'audience-funnel-in-session': `
  - name: carts_of_now
    match:
      event: Product Added
      session: 1h
      unique_list_count: product_id
      greater_than: 2
      then: { not: true, event: Order Completed, within: 30m }`,
  'audience-followed': `
  - name: returned_or_silent
    match:
      event: Product Added
      within: 30d
      where:
        - any:
            - { property: product_id, equals: p1 }
            - then:
                event: Order Completed
                within: 1h
                where:
                  - { property: product_id, equals: { parent: product_id } }
                  - { then: { not: true, event: Product Viewed, within: 1d, require_window_elapsed: true } }`,
  'audience-history': `
  - name: new_cart_abandoners
    history_since: 2026-03-01
    match:
      - { event: Order Completed, within: 90d, sum: revenue, greater_than: 500 }
      - { event: Product Added, then: { not: true, event: Order Completed, within: 1h } }`,
  'audience-account': `
  - name: at_risk_accounts
    entity: account
    match:
      all:
        - { account_trait: plan, equals: enterprise }
        - none_of_users: { event: User Logged In, within: 14d }`,
  'audience-membership': `
  - { name: enterprise, entity: account, match: { account_trait: plan, equals: enterprise } }
  - { name: enterprise_people, include_anonymous: true, match: { all: [{ audience: enterprise }, { trait: signed_up_at, within_last: 7d }] } }`,
}

describe('audiences', () => {
  test.each(Object.entries(golden))('%s compiles to the golden SQL', (name, audiences) => {
    expectGoldenSql(name, `audiences:${audiences}\n`)
  })

  test('a node says what it reads and writes', () => {
    const { audiences } = compileWorld(shop, define(`audiences:${golden['audience-membership']}`), duckdb)
    expect(audiences).toMatchObject([
      {
        id: 'audience.enterprise',
        type: 'audience',
        dependsOn: ['profiles.account_custom_traits', 'profiles.account_profiles'],
        relation: { schema: 'personas_work', name: 'audience_enterprise' },
        columns: [{ name: 'account_id', type: 'text' }],
      },
      {
        dependsOn: [
          'audience.enterprise',
          'identity.accounts',
          'profiles.user_custom_traits',
          'profiles.user_profiles',
        ],
        columns: [{ name: 'canonical_segment_id', type: 'text' }],
      },
    ])
  })

  test('conditions that differ only in their count share a column of one scan', () => {
    const twice = '{ event: Product Viewed, within: 1d, count: { at_least: 2 } }'
    const once = '{ event: Product Viewed, within: 1d, count: { exactly: 1 } }'
    const other = '{ event: Product Viewed, within: 2d }'
    const { scans, audiences } = compileWorld(
      shop,
      define(`audiences:\n  - { name: viewers, match: { any: [${twice}, ${once}, ${other}] } }`),
      duckdb,
    )
    expect(scans.map(({ id, columns }) => [id, columns.map(({ name }) => name)])).toEqual([
      [
        'scan.product_viewed',
        ['profile_number', 'product_viewed_within_1d_count', 'product_viewed_within_2d_count'],
      ],
    ])
    expect(audiences.map(({ computedIn }) => computedIn)).toEqual([
      ['event.product_viewed', 'profiles.user_profiles', 'scan.product_viewed'],
    ])
  })

  test('names longer than the warehouse takes are shortened, and still tell steps apart', () => {
    const event = `${'Very Long Event Name '.repeat(5)}Done`
    const condition = `{ event: ${event}, within: 1d, then: { event: ${event}, within: 1h } }`
    const { audiences } = compileWorld(
      shop,
      define(`audiences:\n  - { name: people, match: ${condition} }`),
      postgres,
    )
    const sql = audiences
      .flatMap(({ steps }) => steps.map((step) => ('sql' in step ? step.sql : '')))
      .join('\n')
    const steps = [...sql.matchAll(/^(\w+) as \($/gm)].map((match) => match[1] ?? '')
    expect(new Set(steps).size).toBe(3)
    expect(Math.max(...steps.map((step) => step.length))).toBeLessThanOrEqual(63)
  })

  test('an account trait in a user audience speaks of any of the accounts', () => {
    const definitions = define('audiences:\n  - { name: people, match: { trait: plan, equals: pro } }')
    const [audience] = definitions.audiences
    if (audience?.match.kind !== 'trait') throw new Error('a trait condition was expected')
    const asked = {
      ...definitions,
      audiences: [{ ...audience, match: { ...audience.match, entity: 'account' as const } }],
    }
    const { audiences, problems } = compileWorld(shop, asked, duckdb)
    expect(problems).toEqual([])
    expect(audiences[0]?.dependsOn).toEqual([
      'identity.accounts',
      'profiles.account_custom_traits',
      'profiles.account_profiles',
      'profiles.user_profiles',
    ])
  })

  test('unknown traits are errors, with the nearest name', () => {
    const { problems } = compileWorld(
      shop,
      define(
        'audiences:\n  - { name: people, match: { any: [{ trait: plann, exists: true }, { trait: plan, equals: { trait: seats } }] } }',
      ),
      duckdb,
    )
    expect(problems.map(({ code, severity, parameters }) => [code, severity, parameters])).toEqual([
      ['PSN3103', 'error', { entity: 'user', trait: 'plann', near: 'plan' }],
      ['PSN3103', 'error', { entity: 'user', trait: 'seats' }],
    ])
  })
})
