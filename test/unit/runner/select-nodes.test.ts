import { describe, expect, test } from 'vitest'
import { selectNodes } from '../../../src/runner/select/select-nodes.ts'
import { node } from './sample-nodes.ts'

const at = (file: string) => ({ origin: { file, line: 1 } })
const nodes = [
  node('source', 'web', [], at('models/sources.yml')),
  node('identity', 'events', ['source.web']),
  node('identity', 'profiles', ['identity.events']),
  node('event', 'order_completed', ['identity.profiles']),
  node('trait', 'orders_90d', ['event.order_completed'], {
    ...at('models/traits/orders.yml'),
    tags: ['nightly', 'sales'],
    owner: 'growth',
  }),
  node('trait', 'orders_total', ['event.order_completed'], {
    ...at('models/traits/orders.yml'),
    tags: ['sales'],
  }),
  node('trait', 'crm', ['identity.profiles'], at('models/crm/traits.yml')),
  node('audience', 'vip', ['trait.orders_90d'], at('models/audiences.yml')),
  node('publish', 'publish', ['audience.vip', 'trait.crm', 'trait.orders_total']),
]
const ids = (select: string[], exclude: string[] = []) => selectNodes(nodes, select, exclude).ids

describe('selectors', () => {
  const cases: [string, string[]][] = [
    ['orders_90d', ['trait.orders_90d']],
    ['trait.orders_90d', ['trait.orders_90d']],
    ['orders_*', ['trait.orders_90d', 'trait.orders_total']],
    ['order[s]_total', ['trait.orders_total']],
    ['tag:sales', ['trait.orders_90d', 'trait.orders_total']],
    ['tag:sales,tag:nightly', ['trait.orders_90d']],
    ['tag:nightly crm', ['trait.orders_90d', 'trait.crm']],
    ['type:audience', ['audience.vip']],
    ['owner:growth', ['trait.orders_90d']],
    ['source:web', ['source.web']],
    ['path:models/traits', ['trait.orders_90d', 'trait.orders_total']],
    ['path:models/traits/', ['trait.orders_90d', 'trait.orders_total']],
    ['models/crm/traits.yml', ['trait.crm']],
    ['orders.yml', ['trait.orders_90d', 'trait.orders_total']],
    ['path:models/*/traits.yml', ['trait.crm']],
    ['path:models/c*', ['trait.crm']],
    ['1+orders_90d', ['event.order_completed', 'trait.orders_90d']],
    ['2+orders_90d', ['identity.profiles', 'event.order_completed', 'trait.orders_90d']],
    ['orders_90d+1', ['trait.orders_90d', 'audience.vip']],
    ['2+orders_90d+1', ['identity.profiles', 'event.order_completed', 'trait.orders_90d', 'audience.vip']],
    ['orders_90d+', ['trait.orders_90d', 'audience.vip', 'publish.publish']],
    ['+crm', ['source.web', 'identity.events', 'identity.profiles', 'trait.crm']],
    ['crm+,audience.vip+', ['publish.publish']],
  ]
  test.each(cases)('%s', (selector, expected) => {
    expect(ids([selector])).toEqual(expected)
  })

  test('@ takes dependents and everything they read', () => {
    expect(ids(['@orders_90d'])).toEqual(nodes.map((each) => each.id))
    expect(ids(['@vip'])).toContain('trait.crm')
    expect(ids(['vip+1,type:audience'])).toEqual(['audience.vip'])
  })

  test('repeated flags are a union', () => {
    expect(ids(['crm', 'vip'])).toEqual(['trait.crm', 'audience.vip'])
  })

  test('exclude is taken away last', () => {
    expect(ids(['type:trait'], ['tag:sales'])).toEqual(['trait.crm'])
    expect(ids([], ['type:trait type:identity'])).toEqual([
      'source.web',
      'event.order_completed',
      'audience.vip',
      'publish.publish',
    ])
  })

  test('what matches nothing is named', () => {
    expect(selectNodes(nodes, ['nothing crm'], ['tag:none'])).toEqual({
      ids: ['trait.crm'],
      unmatched: ['nothing', 'tag:none'],
    })
  })

  test('an unknown method is refused with the nearest one', () => {
    expect(() => ids(['tags:x'])).toThrow(
      expect.objectContaining({
        message: 'unknown selector method `tags`',
        hint: expect.stringContaining('did you mean `tag:`?'),
      }),
    )
    expect(() => ids(['state:modified'])).toThrow('unknown selector method `state`')
  })

  test.each(['+', 'a+b', '@', ',', '++a'])('%s is no selector', (text) => {
    expect(() => ids([text])).toThrow(`is not a selector`)
  })
})
