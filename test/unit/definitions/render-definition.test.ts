import { expect, test } from 'vitest'
import { parseFile } from '../../../src/definitions/parse-file.ts'
import { renderAudience, renderTrait } from '../../../src/definitions/render-definition.ts'

test('a definition is written as people would write it', () => {
  const { audiences, traits } = parseFile(
    'models/a.yml',
    `
traits:
  - name: spent
    tags: [money]
    query: event('Order Completed').where(property('currency') = 'USD').within(90 days).sum(property('revenue'))
audiences:
  - name: dormant
    description: Spent much, not lately
    include_anonymous: true
    match:
      - { trait: spent, greater_than: 500 }
      - { event: Order Completed, count: { exactly: 0 }, within: 60d }
      - any:
          - { trait: plan, one_of: [pro, team] }
          - { event: Product Viewed, where: [{ property: tags.$, starts_with: a, ends_with: z }], exclude_sources: [pos] }
`,
    { env: {}, vars: {} },
  ).file
  const [audience] = audiences
  const [trait] = traits
  if (audience === undefined || trait === undefined || trait.type === 'sql') throw new Error('not read')
  expect(renderAudience(audience, 'query', new Set(['dormant']))).toMatchInlineSnapshot(`
    "audiences:
      - name: dormant
        description: Spent much, not lately
        entity: user
        include_anonymous: true
        query: |-
          trait('spent') > 500
          AND event('Order Completed').within(60 days).count() = 0
          AND (
            trait('plan').one_of('pro', 'team')
            OR event('Product Viewed').where(
              property('tags.$').starts_with('a').ends_with('z')
            ).sources(exclude: ['pos']).count() >= 1
          )
    "
  `)
  expect(renderAudience(audience, 'yaml', new Set(['dormant']))).toMatchInlineSnapshot(`
    "audiences:
      - name: dormant
        description: Spent much, not lately
        entity: user
        include_anonymous: true
        match:
          all:
            - { trait: spent, greater_than: 500 }
            - { event: Order Completed, count: { exactly: 0 }, within: 60d }
            - any:
                - { trait: plan, one_of: [ pro, team ] }
                - event: Product Viewed
                  where: [ { property: tags.$, starts_with: a, ends_with: z } ]
                  exclude_sources: [ pos ]
    "
  `)
  expect(renderTrait(trait, 'query')).toMatchInlineSnapshot(`
    "traits:
      - name: spent
        tags: [ money ]
        entity: user
        query: |-
          event('Order Completed').where(
            property('currency') = 'USD'
          ).within(90 days).sum(property('revenue'))
    "
  `)
  expect(renderTrait(trait, 'yaml')).toMatchInlineSnapshot(`
    "traits:
      - name: spent
        tags: [ money ]
        entity: user
        type: sum
        event: Order Completed
        property: revenue
        where: [ { property: currency, equals: USD } ]
        within: 90d
    "
  `)
})
