import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseFile } from '../../../src/definitions/parse-file.ts'
import type { Problem } from '../../../src/diagnostics/problem.ts'

const parse = (text: string) => parseFile('models/a.yml', text, { env: {}, vars: { days: 90 } }).file

function problemsOf(query: string, kind: 'audiences' | 'traits' = 'audiences'): readonly Problem[] {
  return parse(stringify({ [kind]: [{ name: 'asked', query }] }, { lineWidth: 0 })).problems
}

describe('what is wrong is told where it is', () => {
  const wrong: readonly (readonly [string, string, string])[] = [
    ["event('A').count() >= 3 ADN trait('x') = 1", 'ADN', 'PSN2070'],
    ["event('A').within(90 dayz).count() >= 3", 'dayz', 'PSN2070'],
    ["trait('x') = 'open", "'open", 'PSN2070'],
    ["evnt('A').count() >= 3", 'evnt', 'PSN2071'],
    ["event('A').witin(3 days).count() >= 3", 'witin', 'PSN2071'],
    ["event('A').where(propery('x') = 1).count() >= 3", 'propery', 'PSN2071'],
    ["trait('x').contans('a')", 'contans', 'PSN2071'],
    ["event('A')", "event('A')", 'PSN2072'],
    ["event('A').count()", "event('A').count()", 'PSN2072'],
    ["event('A').count() >= 0", '>=', 'PSN2072'],
    ["event('A').count() >= 1.5", '>=', 'PSN2072'],
    ["event('A').sum('p') > 1", "sum('p')", 'PSN2072'],
    ["event('A').sum(property('p') as string) > 1", 'string', 'PSN2072'],
    ["event('A').median(property('p') as string) > 1", 'string', 'PSN2072'],
    ["event('A').percentile(property('p'), 95) > 1", '95', 'PSN2072'],
    ["event('A').percentile(property('p')) > 1", "percentile(property('p'))", 'PSN2072'],
    ["event('A').last(trait('email')) = 'a'", "event('A').last(trait('email'))", 'PSN2072'],
    ["event('A').sum(trait('age')) > 1", "sum(trait('age'))", 'PSN2072'],
    ["event('A').expires_after(29 minutes).count() > 1", '29 minutes', 'PSN2025'],
    ["event('A').session(30 minutes).count() > 1", 'session', 'PSN2072'],
    ["event('A').within(parent: 1 hour).count() > 1", 'parent', 'PSN2072'],
    ["event('A').where(event('B').count() > 1).count() > 1", "event('B')", 'PSN2072'],
    ["event('A').where(property('x') = 1 OR event('B').count() > 1).count() > 1", "event('B')", 'PSN2072'],
    ["event('A').where(column('x') = 1).count() > 1", 'column', 'PSN2071'],
    ["event('A').where(property('x') = column('y')).count() > 1", "'y'", 'PSN2037'],
    ["relationship('r').where(property('x') = 1).count() > 1", 'property', 'PSN2071'],
    ["relationship('r').where(column('x') = property('y')).count() > 1", "'y'", 'PSN2036'],
    ["relationship('r').where(column('x') = column('y', off: 's')).count() > 1", 'column', 'PSN2072'],
    ["relationship('r').sources(exclude: ['web']).count() > 1", 'sources', 'PSN2071'],
    ["relationship('r').sum(property('x')) > 1", 'sum', 'PSN2072'],
    ["relationship('r')", "relationship('r')", 'PSN2072'],
    [
      "relationship('r').where(relationship('s').sum(column('x')) > 1).count() > 1",
      "relationship('s')",
      'PSN2072',
    ],
    [
      "relationship('r').where(relationship('s').expires_after(1 hour).count() > 1).count() > 1",
      'expires_after',
      'PSN2072',
    ],
    ["column('x') = 1", 'column', 'PSN2072'],
    ["trait('x') > '5'", "'5'", 'PSN2072'],
    ["trait('x').before_date('soon')", "'soon'", 'PSN2072'],
    ["trait('x') = null", 'null', 'PSN2072'],
    ["trait('x').contains('a').contains('b')", "contains('b')", 'PSN2072'],
    ["5 = trait('x')", '5', 'PSN2072'],
    ["trait('x')", "trait('x')", 'PSN2072'],
    ["event('A').within(2 days).between(1 day, 3 days).count() > 1", 'between', 'PSN2024'],
    ["event('A').between(3 days, 1 day).count() > 1", 'between', 'PSN2024'],
    ["event('A').since('2026-02-30').count() > 1", "'2026-02-30'", 'PSN2022'],
    ["event('A').where(property('a.') = 1).count() > 1", "'a.'", 'PSN2038'],
    ["event('A').where(property('a\\.b') = 1).count() > 1", "'a\\.b'", 'PSN2038'],
    ["trait('x') = property(parent: 'p')", "'p'", 'PSN2035'],
    ["trait('x') = property('p')", "'p'", 'PSN2036'],
    ["ANY trait('x') = 1", 'ANY', 'PSN2033'],
  ]
  test.each(wrong)('%s', (query, part, code) => {
    const [first, ...others] = problemsOf(query)
    expect(others.map((each) => each.message)).toEqual([])
    expect(first?.code).toBe(code)
    const file = stringify({ audiences: [{ name: 'asked', query }] }, { lineWidth: 0 })
    const line = file.split('\n')[(first?.span?.line ?? 0) - 1] ?? ''
    expect(line.slice((first?.span?.column ?? 0) - 1)).toMatch(
      new RegExp(`^${part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`),
    )
  })

  test('the end of a query is the place after it', () => {
    const file = "audiences:\n  - name: asked\n    query: |\n      trait('x') =\n\n"
    const [found] = parse(file).problems
    expect([found?.span?.line, found?.span?.column]).toEqual([4, 19])
  })

  test.each([
    ['plain', "    query: trait('x') = 1 AND\n      evnt('y').count() = 1\n"],
    ['single quotes', "    query: 'trait(''x'') = 1 AND evnt(''y'').count() = 1'\n"],
    ['double quotes', "    query: \"trait('\\u0078') = 1 AND evnt('y').count() = 1\"\n"],
    ['literal block', "    query: |\n      trait('x') = 1\n      AND evnt('y').count() = 1\n"],
    ['folded block', "    query: >-\n      trait('x') = 1\n      AND evnt('y').count() = 1\n"],
    ['after an expression', "    query: \"trait('x') = {{ var 'days' }} AND evnt('y').count() = 1\"\n"],
  ])('in %s', (_, written) => {
    const file = `audiences:\n  - name: asked\n    entity: user\n${written}`
    const lines = file.split('\n')
    const line = lines.findIndex((each) => each.includes('evnt'))
    const [found, second] = parse(file).problems
    expect(second).toBeUndefined()
    expect(found?.code).toBe('PSN2071')
    expect([found?.span?.line, found?.span?.column]).toEqual([
      line + 1,
      (lines[line]?.indexOf('evnt') ?? -1) + 1,
    ])
  })

  test('fifty comparisons are enough', () => {
    const query = (times: number) =>
      Array.from({ length: times }, (_, index) => `trait('t${index}') = 1`).join(' OR ')
    expect(problemsOf(query(50))).toEqual([])
    expect(problemsOf(query(51)).map(({ code }) => code)).toEqual(['PSN2073'])
  })

  test.each([
    ["event('A').count() >= 3", '>= 3'],
    ["trait('x')", 'trait'],
    ["event('A').sum(property('p')).exists()", 'exists'],
    ['5', '5'],
  ])('a trait is no comparison: %s', (query) => {
    expect(problemsOf(query, 'traits').map(({ code }) => code.slice(0, 6))).toEqual(['PSN207'])
  })

  test('one of match and query', () => {
    const found = (text: string) =>
      parse(`audiences: [{ name: a, ${text} }]`).problems.map(({ code }) => code)
    expect(found('match: { event: E }, query: x')).toEqual(['PSN2031'])
    expect(found('entity: user')).toEqual(['PSN1011'])
  })
})
