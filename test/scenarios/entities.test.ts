import { describe, expect, test } from 'vitest'
import { engines, type Scenario, withScenario } from '../support/scenario.ts'

const asOf = '2026-06-01T00:00:00Z'
const shop = `sources: [{ name: web, format: segment, schema: web }]
entities:
  - { name: cart, table: shop.carts, primary_key: id, timestamp: created_at }
  - { name: crm_account, table: crm.accounts, primary_key: id }
  - { name: product, table: shop.products, primary_key: sku }
  - { name: tier, table: crm.tiers, primary_key: code }
relationships:
  - { name: carts, entity: cart, external_id: { type: email, join_key: owner_email } }
  - { name: tiers, entity: tier, trait: { name: plan, join_key: code } }
  - name: owned_accounts
    entity: crm_account
    external_id: { type: email, join_key: owner_email }
    relationships:
      - name: account_carts
        entity: cart
        join_on: { left: id, right: account_id }
        relationships:
          - name: cart_products
            entity: product
            junction:
              table: shop.cart_items
              left: { column: id, junction: cart_id }
              right: { column: sku, junction: product_sku }
`
const given = {
  'web.identifies': [
    { user_id: 'u1', email: 'ann@x.example', plan: 'gold' },
    { user_id: 'u2', email: 'bob@x.example', plan: 'free' },
    { user_id: 'u3', email: 'cat@x.example' },
    { user_id: 'u1', email: 'ann@home.example', plan: 'gold' },
  ],
  cart: [
    {
      id: 1,
      account_id: 10,
      owner_email: ' Ann@X.example',
      status: 'open',
      total: 20,
      created_at: '2026-05-30T00:00:00Z',
    },
    {
      id: 2,
      account_id: 10,
      owner_email: 'ann@home.example',
      status: 'open',
      total: 5,
      created_at: '2026-01-01T00:00:00Z',
    },
    {
      id: 3,
      account_id: 11,
      owner_email: 'bob@x.example',
      status: 'paid',
      total: 7.5,
      created_at: '2026-05-31T00:00:00Z',
    },
    {
      id: 4,
      account_id: 11,
      owner_email: 'nobody@x.example',
      status: 'open',
      total: 1,
      created_at: '2026-07-01T00:00:00Z',
    },
  ],
  crm_account: [
    { id: 10, owner_email: 'ann@x.example', credit: 10 },
    { id: 11, owner_email: 'ann@home.example', credit: 100 },
    { id: 12, owner_email: 'bob@x.example', credit: 1 },
  ],
  product: [
    { sku: 'a', category: 'shoes' },
    { sku: 'b', category: 'hats' },
  ],
  'shop.cart_items': [
    { cart_id: 1, product_sku: 'a' },
    { cart_id: 1, product_sku: 'a' },
    { cart_id: 3, product_sku: 'a' },
    { cart_id: 3, product_sku: 'b' },
  ],
  tier: [
    { code: 'gold', discount: 10 },
    { code: 'free', discount: 0 },
  ],
}

describe.each(engines)('entities on $name', (engine) => {
  test('traits of rows: all aggregates share a scan, windows go by the timestamp', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${shop}traits:
  - { name: carts, type: count, relationship: carts }
  - { name: open_carts, type: count, relationship: carts, where: [{ column: status, equals: open }] }
  - { name: recent_carts, type: count, relationship: carts, within: 7d }
  - { name: cart_total, type: sum, relationship: carts, column: total }
  - { name: last_status, type: last, relationship: carts, column: status }
  - { name: first_total, type: first, relationship: carts, column: total }
  - { name: statuses, type: unique_list, relationship: carts, column: status }
  - { name: usual_status, type: most_frequent, relationship: carts, column: status }
  - { name: discount, type: max, relationship: tiers, column: discount }
  - { name: products, type: unique_list, relationship: cart_products, column: category }
  - { name: product_rows, type: count, relationship: cart_products }
  - name: covered_accounts
    type: count
    relationship: owned_accounts
    with: [{ relationship: account_carts, where: [{ column: total, less_than: { column: credit, of: owned_accounts } }] }]
`,
      })
      await scenario.give(given)
      const { manifest } = await scenario.compile()
      expect(manifest.nodes.filter(({ type }) => type === 'scan').map(({ name }) => name)).toEqual([
        'cart_products__rows',
        'carts__rows',
        'owned_accounts__rows',
        'tiers__rows',
      ])
      await scenario.run(asOf)
      await scenario.run(asOf, 'run_2')
      expect(await traitsByUser(scenario, 'carts, open_carts, recent_carts, cart_total')).toEqual([
        { user_id: 'u1', carts: 2, open_carts: 2, recent_carts: 1, cart_total: 25 },
        { user_id: 'u2', carts: 1, open_carts: null, recent_carts: 1, cart_total: 7.5 },
        { user_id: 'u3', carts: null, open_carts: null, recent_carts: null, cart_total: null },
      ])
      expect(await traitsByUser(scenario, 'last_status, first_total, statuses, usual_status')).toEqual([
        { user_id: 'u1', last_status: 'open', first_total: 5, statuses: '["open"]', usual_status: 'open' },
        { user_id: 'u2', last_status: 'paid', first_total: 7.5, statuses: '["paid"]', usual_status: null },
        { user_id: 'u3', last_status: null, first_total: null, statuses: null, usual_status: null },
      ])
      expect(await traitsByUser(scenario, 'discount, products, product_rows, covered_accounts')).toEqual([
        { user_id: 'u1', discount: 10, products: '["hats","shoes"]', product_rows: 2, covered_accounts: 2 },
        { user_id: 'u2', discount: 0, products: null, product_rows: null, covered_accounts: null },
        { user_id: 'u3', discount: null, products: null, product_rows: null, covered_accounts: null },
      ])
    })
  })

  test('audiences: counts with zero, nested rows, columns of rows above, traits of the profile', async () => {
    await withScenario(engine, async (scenario) => {
      const audiences: Readonly<Record<string, string>> = {
        with_cart: '{ relationship: carts }',
        two_open:
          '{ relationship: carts, count: { at_least: 2 }, where: [{ column: status, equals: open }] }',
        no_open: '{ relationship: carts, count: { exactly: 0 }, where: [{ column: status, equals: open }] }',
        at_most_one: '{ relationship: carts, count: { at_most: 1 } }',
        recent: '{ relationship: carts, within: 7d }',
        nested:
          '{ relationship: owned_accounts, with: [{ relationship: account_carts, count: { at_least: 2 } }] }',
        empty_account:
          '{ relationship: owned_accounts, with: [{ relationship: account_carts, count: { exactly: 0 } }] }',
        shoes:
          '{ relationship: owned_accounts, with: [{ relationship: account_carts, with: [{ relationship: cart_products, where: [{ column: category, equals: shoes }] }] }] }',
        two_products:
          '{ relationship: account_carts, with: [{ relationship: cart_products, count: { at_least: 2 } }] }',
        over_credit:
          '{ relationship: owned_accounts, with: [{ relationship: account_carts, where: [{ column: total, greater_than: { column: credit, of: owned_accounts } }] }] }',
        own_plan:
          '{ relationship: tiers, where: [{ column: code, equals: { trait: plan } }, { column: discount, greater_than: 0 }] }',
        either:
          '{ any: [{ relationship: tiers, where: [{ column: discount, greater_than: 0 }] }, { not: { relationship: carts } }] }',
        spent: '{ relationship: carts, sum: total, greater_than: 10 }',
        recently_spent: '{ relationship: carts, within: 7d, max: total, less_than: 10 }',
        first_small: '{ relationship: carts, first: total, equals: 5 }',
        last_open: '{ relationship: carts, last: status, equals: open }',
        usual: '{ relationship: carts, most_frequent: status, min_frequency: 1, one_of: [paid] }',
        all_open: '{ relationship: carts, unique_list: status, contains: open }',
        two_categories: '{ relationship: cart_products, unique_list_count: category, equals: 2 }',
        no_sum:
          '{ relationship: carts, where: [{ column: status, equals: paid }], sum: total, exists: false }',
        average: '{ relationship: carts, avg: total, greater_than: 12 }',
        in_session: '{ relationship: carts, session: 3d, count: { at_least: 1 } }',
        out_of_session: '{ relationship: carts, session: 36h, sum: total, equals: 0 }',
        mixed:
          '{ relationship: owned_accounts, where: [{ any: [{ column: credit, less_than: 5 }, { relationship: account_carts, where: [{ column: status, equals: open }] }] }] }',
      }
      await scenario.define({
        'models/a.yml': `${shop}audiences:\n${Object.entries(audiences)
          .map(([name, match]) => `  - { name: ${name}, match: ${match} }\n`)
          .join('')}`,
      })
      await scenario.give(given)
      await scenario.run(asOf)
      expect(await membersOf(scenario)).toEqual({
        with_cart: 'u1 u2',
        two_open: 'u1',
        no_open: 'u2 u3',
        at_most_one: 'u2 u3',
        recent: 'u1 u2',
        nested: 'u1',
        empty_account: 'u2',
        shoes: 'u1',
        two_products: 'u1',
        over_credit: 'u1',
        own_plan: 'u1',
        either: 'u1 u3',
        mixed: 'u1 u2',
        spent: 'u1',
        recently_spent: 'u2',
        first_small: 'u1',
        last_open: 'u1',
        usual: 'u2',
        all_open: 'u1',
        two_categories: 'u1',
        no_sum: 'u1 u3',
        average: 'u1',
        in_session: 'u1 u2',
        out_of_session: 'u1',
      })
    })
  })

  test('queries of rows: nested, compared with columns above, reduced; traits of rows', async () => {
    await withScenario(engine, async (scenario) => {
      const queries: Readonly<Record<string, string>> = {
        with_cart: "relationship('carts').count() >= 1",
        no_open: "relationship('carts').where(column('status') = 'open').count() = 0",
        recent: "relationship('carts').within(7 days).count() > 0",
        over_credit: `relationship('owned_accounts').where(
          relationship('account_carts').where(column('total') > column('credit', of: 'owned_accounts')).count() >= 1
        ).count() >= 1`,
        mixed: `relationship('owned_accounts').where(
          column('credit') < 5 OR NOT relationship('account_carts').where(column('status') != 'open').count() >= 1
        ).count() >= 1`,
        own_plan:
          "relationship('tiers').where(column('code') = trait('plan') AND column('discount') > 0).count() = 1",
        spent: "relationship('carts').sum(column('total')) > 10 AND NOT trait('plan') = 'free'",
        statuses: "relationship('carts').unique(column('status')).count() = 1",
      }
      const asYaml = Object.entries(queries)
        .map(
          ([name, query]) =>
            `  - { name: ${name}, query: ${JSON.stringify(query.replaceAll(/\s+/g, ' '))} }\n`,
        )
        .join('')
      await scenario.define({
        'models/a.yml': `${shop}traits:
  - { name: cart_total, query: "relationship('carts').where(column('status') = 'open').sum(column('total'))" }
  - { name: last_in_session, query: "relationship('carts').expires_after(3 days).last(column('status'))" }
audiences:
${asYaml}`,
      })
      await scenario.give(given)
      await scenario.run(asOf)
      expect(await traitsByUser(scenario, 'cart_total, last_in_session')).toEqual([
        { user_id: 'u1', cart_total: 25, last_in_session: 'open' },
        { user_id: 'u2', cart_total: null, last_in_session: 'paid' },
        { user_id: 'u3', cart_total: null, last_in_session: null },
      ])
      expect(await membersOf(scenario)).toEqual({
        with_cart: 'u1 u2',
        no_open: 'u2 u3',
        recent: 'u1 u2',
        over_credit: 'u1',
        mixed: 'u1 u2',
        own_plan: 'u1',
        spent: 'u1',
        statuses: 'u1 u2',
      })
    })
  })

  test('accounts have rows of their own; those of users are asked of any user', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `sources: [{ name: web, format: segment, schema: web }]
entities:
  - { name: invoice, table: billing.invoices, primary_key: id, timestamp: due_at }
  - { name: cart, table: shop.carts, primary_key: id }
relationships:
  - { name: invoices, entity: invoice, external_id: { type: group_id, join_key: account } }
  - { name: plan_carts, entity: cart, account_trait: { name: plan, join_key: plan } }
  - { name: carts, entity: cart, external_id: { type: user_id, join_key: owner } }
traits:
  - { name: billed, entity: account, type: sum, relationship: invoices, column: amount }
  - { name: seats_used, entity: account, type: count, relationship: invoices, where: [{ column: amount, greater_than: { trait: seats } }] }
  - { name: plan_rows, entity: account, type: count, relationship: plan_carts }
  - { name: orders, type: count, relationship: carts, include_anonymous: true }
audiences:
  - { name: unpaid, entity: account, match: { relationship: invoices, where: [{ column: paid, equals: false }] } }
  - { name: with_carts, entity: account, match: { relationship: carts } }
  - { name: all_with_carts, entity: account, match: { all_users: { relationship: carts } } }
  - { name: none_with_two, entity: account, match: { none_of_users: { relationship: carts, count: { at_least: 2 } } } }
  - { name: users_unpaid, match: { relationship: invoices, where: [{ column: paid, equals: false }] } }
  - { name: users_without_invoice, match: { relationship: invoices, count: { exactly: 0 } } }
  - { name: unpaid_any_user, entity: account, match: { any_user: { all: [{ relationship: carts }, { relationship: invoices, count: { exactly: 2 } }] } } }
`,
      })
      await scenario.give({
        'web.identifies': [{ user_id: 'u1' }, { user_id: 'u2' }, { user_id: 'u3' }],
        'web.groups': [
          { user_id: 'u1', group_id: '7', plan: 'pro', seats: 5 },
          { user_id: 'u2', group_id: '7', plan: 'pro', seats: 5 },
          { user_id: 'u2', group_id: '8', plan: 'free', seats: 1 },
          { user_id: 'u3', group_id: '9', plan: 'none', seats: 1 },
        ],
        invoice: [
          { id: 'i1', account: 7, amount: 4, paid: false },
          { id: 'i2', account: 7, amount: 6, paid: true },
          { id: 'i3', account: 8, amount: 2.5, paid: true },
          { id: null, account: 8, amount: 100, paid: false },
        ],
        cart: [
          { id: 1, owner: 'u1', plan: 'pro' },
          { id: 2, owner: 'u1', plan: 'pro' },
          { id: 3, owner: 'u3', plan: 'free' },
        ],
      })
      await scenario.run(asOf)
      expect(
        await scenario.rows(
          'select account_id, billed, seats_used, plan_rows from {schema}.account_traits order by account_id',
        ),
      ).toEqual([
        { account_id: '7', billed: 10, seats_used: 1, plan_rows: 2 },
        { account_id: '8', billed: 2.5, seats_used: 1, plan_rows: 1 },
        { account_id: '9', billed: null, seats_used: null, plan_rows: null },
      ])
      const members = await scenario.rows(
        `select audience_key, profile_id from {schema}.audience_memberships where entity = 'account' order by 1, 2`,
      )
      expect(members.map((row) => Object.values(row).join(' '))).toEqual([
        'all_with_carts 9',
        'none_with_two 8',
        'none_with_two 9',
        'unpaid 7',
        'unpaid_any_user 7',
        'with_carts 7',
        'with_carts 9',
      ])
      expect(await membersOf(scenario)).toEqual({ users_unpaid: 'u1 u2', users_without_invoice: 'u3' })
    })
  })

  test('a primary key that comes twice stops the run', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({
        'models/a.yml': `${shop}traits: [{ name: rows, type: count, relationship: carts }]\n`,
      })
      await scenario.give({ ...given, cart: [...given.cart, { id: 1 }] })
      const { results } = await scenario.attempt(asOf)
      expect(results.find(({ nodeId }) => nodeId === 'entity.cart')?.message).toContain(
        'shop.carts has the same id more than once',
      )
    })
  })
})

async function traitsByUser(scenario: Scenario, traits: string): Promise<readonly unknown[]> {
  return await scenario.rows(
    `select ids.value as user_id, ${traits} from {schema}.profile_traits as profiles
    inner join {schema}.user_identifiers as ids on ids.canonical_segment_id = profiles.canonical_segment_id and ids.type = 'user_id'
    order by 1`,
  )
}

async function membersOf(scenario: Scenario): Promise<Readonly<Record<string, string>>> {
  const rows = await scenario.rows(
    `select members.audience_key as audience, ids.value as member from {schema}.audience_memberships as members
    inner join {schema}.user_identifiers as ids on ids.canonical_segment_id = members.profile_id and ids.type = 'user_id'
    order by 1, 2`,
  )
  const members: Record<string, string> = {}
  for (const { audience, member } of rows)
    members[String(audience)] = [members[String(audience)], member].filter(Boolean).join(' ')
  return members
}
