import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFile } from '../../../src/definitions/parse-file.ts'
import { renderProblems } from '../../../src/diagnostics/render-problems.ts'

const text = `sources:
  - { name: web, format: segment, schema: web_prod }
  - name: pos
    format: table
    table: raw.orders
    type: track
    event: { column: name }
    id: id
    timestamp: at
    properties: { revenue: total }
identity:
  identifiers:
    - { type: user_id, priority: 1, blocked: ['-1', { pattern: '^[0-]*$' }] }
traits:
  - { name: orders, type: count, event: Order Completed, within: "{{ var 'days' }}d" }
  - { name: average, type: formula, expression: "total / nullif(orders, 0)" }
audiences:
  - { name: recent, query: "event('Order Completed').within({{ var 'days' }} days).count() >= 1" }
  - name: fans
    query: |
      event('Added').where(property('a') = 'x' AND NOT event('Bought').within(parent: 1 hour).count() >= 1).count() > 2
      OR trait('dormant') = true
  - name: dormant
    match:
      all:
        - { trait: total, greater_than: 500 }
        - not: { event: Visit, count: { at_least: 3 }, between: [30d, 90d], where: [ { property: a, one_of: [x] } ] }
        - { event: Added, then: { not: true, event: Bought, within: 1h, where: [ { property: id, equals: { parent: id } } ] } }
syncs:
  - { name: s, from: { audience: dormant }, destination: d, mode: mirror, on_delete_over: 20% }
`
const parts = [
  '{',
  '}',
  '[',
  ']',
  ':',
  '- ',
  '\n',
  ' ',
  '*a',
  '&a ',
  '"',
  '{{ ',
  'null',
  '5',
  '#',
  '|',
  '? ',
  '<<: *a',
  '😀',
  '__proto__: 1',
]

test('no damage to a file makes parsing throw; every problem has a place inside it', () => {
  const edit = fc.record({
    at: fc.integer({ min: 0, max: text.length - 1 }),
    remove: fc.integer({ min: 0, max: 30 }),
    insert: fc.constantFrom('', ...parts),
  })
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const damaged = edits.reduce(
        (left, { at, remove, insert }) => left.slice(0, at) + insert + left.slice(at + remove),
        text,
      )
      const { file } = parseFile('models/a.yml', damaged, { env: {}, vars: { days: 90 } })
      const lines = damaged.split('\n').length
      for (const { span, message, hint } of file.problems) {
        expect(span?.line).toBeGreaterThanOrEqual(1)
        expect(span?.endLine).toBeLessThanOrEqual(lines)
        expect(message + hint).not.toMatch(/undefined|\[object/)
      }
      expect(JSON.parse(JSON.stringify(file))).toEqual(file)
      renderProblems(file.problems, { source: () => damaged, color: false })
    }),
    { numRuns: 500 },
  )
})

test('the file it damages has no problem itself', () => {
  expect(parseFile('models/a.yml', text, { env: {}, vars: { days: 90 } }).file.problems).toEqual([])
})
