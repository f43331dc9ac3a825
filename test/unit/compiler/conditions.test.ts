import { describe, expect, test } from 'vitest'
import { collectEventNeeds } from '../../../src/compiler/conditions/collect-event-needs.ts'
import { define } from '../../scenarios/definitions/world-on-engine.ts'

describe('what events must stage', () => {
  test('properties of traits, conditions, children and their parents; arrays as a whole', () => {
    const needs = collectEventNeeds(
      define(`
traits:
  - { name: a, type: sum, event: Order, property: revenue, where: [{ not: { property: items.$, equals: x } }] }
  - { name: b, type: count, event: Visit, where: [{ any: [{ context: page.url, exists: true }] }] }
  - { name: c, type: formula, expression: a + b }
audiences:
  - name: people
    match:
      any:
        - { trait: a, exists: true }
        - not:
            event: Cart
            where: [{ property: kind, equals: full }]
            then: { event: Order, within: 1h, where: [{ property: product, equals: { parent: product.id } }] }
  - { name: firms, entity: account, match: { all_users: { event: Login } } }
`),
    )
    const plain = [...needs].map(([event, { properties, contexts }]) => [
      event,
      [...properties],
      [...contexts],
    ])
    expect(plain).toEqual([
      ['Order', ['items', 'revenue', 'product'], []],
      ['Visit', [], ['page.url']],
      ['Cart', ['kind', 'product.id'], []],
      ['Login', [], []],
    ])
  })
})
