import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../../src/config/parse-yaml.ts'
import { isRecord } from '../../../src/config/shape.ts'
import { yamlValues } from '../../../src/config/yaml-values.ts'
import { inputKey, inputsOf, type MappingValue } from '../../../src/definitions/mapping.ts'
import { readMapping } from '../../../src/definitions/read-mapping.ts'
import type { Problem } from '../../../src/diagnostics/problem.ts'
import type { FieldValue } from '../../../src/sync/destination.ts'
import { compileMapping } from '../../../src/sync/mapping/evaluate.ts'
import { hashed } from '../../../src/sync/mapping/hashed.ts'
import { inputValues } from '../../../src/sync/mapping/input-values.ts'

function read(yaml: string): { readonly mapping: MappingValue; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const { value, places } = yamlValues(parseYaml('m.yml', yaml), { env: {}, vars: {} })
  if (!isRecord(value)) throw new Error('a mapping is an object')
  const mapping = readMapping(value, { places, report: (found) => problems.push(found) })
  return { mapping, problems }
}

const values = new Map<string, FieldValue>([
  ['id', 'use_1'],
  ['identifier first email', ' Ann@A.example '],
  ['identifier all email', ['ann@a.example', 'x@b.example']],
  ['trait plan', null],
  ['trait name', 'Ann'],
  ['trait ltv', 12.5],
  ['trait likes', ['tea']],
  ['trait raw', '{"a":{"b":1}}'],
  ['audience vip', true],
])

function fields(yaml: string, nulls: 'send' | 'drop' = 'send') {
  const { mapping, problems } = read(yaml)
  expect(problems).toEqual([])
  return compileMapping<typeof values>(
    mapping,
    (input) => (of) => of.get(inputKey(input)) ?? null,
    nulls,
  )(values)
}

describe('what a mapping gives', () => {
  test.each<[string, FieldValue]>([
    ['x: 1', 1],
    ['x: null', null],
    ['x: { value: text }', 'text'],
    ['x: { id: true }', 'use_1'],
    ['x: { identifier: email }', ' Ann@A.example '],
    ['x: { identifier: email, pick: all }', ['ann@a.example', 'x@b.example']],
    ['x: { trait: ltv }', 12.5],
    ['x: { audience: vip }', true],
    ['x: { trait: not_there }', null],
    ['x: { coalesce: [ { trait: plan }, { trait: none }, free ] }', 'free'],
    ['x: { coalesce: [ { trait: plan } ] }', null],
    ['x: { lower: { identifier: email } }', ' ann@a.example '],
    ['x: { upper: { trait: name } }', 'ANN'],
    ['x: { upper: { trait: plan } }', null],
    [
      'x: { template: "Dear ${trait.name}, $${5} ${trait.ltv} ${id}${trait.plan}" }',
      'Dear Ann, ${5} 12.5 use_1',
    ],
    ['x: { encode: { trait: likes } }', '["tea"]'],
    ['x: { decode: { trait: raw } }', { a: { b: 1 } }],
    ['x: { flatten: { decode: { trait: raw } } }', { 'a.b': 1 }],
    ['x: { flatten: { decode: { trait: raw } }, separator: _ }', { a_b: 1 }],
    ['x: { replace: { trait: name }, pairs: [ { search: n, with: m } ] }', 'Amm'],
    [
      'x: { replace: { trait: name }, pairs: [ { search: N, with: m, ignore_case: true, once: true } ] }',
      'Amn',
    ],
    ['x: { replace: { value: "a.b.c" }, pairs: [ { search: ".", with: "$&" } ] }', 'a$&b$&c'],
    ['x: { list: [ 1, { trait: name } ] }', [1, 'Ann']],
    ['x: [ 1, { trait: name } ]', [1, 'Ann']],
    ['x: { y: { z: { trait: name } } }', { y: { z: 'Ann' } }],
  ])('%s', (yaml, expected) => {
    expect(fields(yaml)).toEqual({ x: expected })
  })

  test('names with dots are nested, in quotes they are names', () => {
    expect(fields('a.b: 1\na.c: 2\n\'"d.e"\': 3')).toEqual({ a: { b: 1, c: 2 }, 'd.e': 3 })
  })

  test('nulls are sent, or left out at any depth', () => {
    expect(fields('a: { trait: plan }\nb: { c: { trait: plan }, d: 1 }')).toEqual({
      a: null,
      b: { c: null, d: 1 },
    })
    expect(fields('a: { trait: plan }\nb: { c: { trait: plan }, d: 1 }', 'drop')).toEqual({ b: { d: 1 } })
  })

  test('a text that is no JSON cannot be decoded', () => {
    expect(() => fields('x: { decode: { trait: name } }')).toThrow('no JSON')
  })

  test('inputs, each once', () => {
    const { mapping } = read(
      'a: { trait: x }\nb: { coalesce: [ { trait: x }, { identifier: email, pick: last } ] }\nc: { template: "${audience.vip}" }',
    )
    expect(inputsOf(mapping).map(inputKey)).toEqual(['trait x', 'identifier last email', 'audience vip'])
  })
})

test.each([
  'x: { trait: a, identifier: email }',
  'x: { trait: 5 }',
  'x: { identifier: email, pick: some }',
  'x: { id: no }',
  'x: { hash: { trait: a }, as: md5 }',
  'x: { replace: { trait: a } }',
  'x: { replace: { trait: a }, pairs: [ { search: "" , with: b } ] }',
  'x: { template: "${nobody}" }',
  'x: { template: "${trait.}" }',
  'x: 1\nx.y: 2',
  'x.: 2',
])('%s is a problem with its place', (yaml) => {
  const { problems } = read(yaml)
  expect(problems.map(({ code }) => code)).toEqual(['PSN2100'])
  expect(problems[0]?.span?.line).toBeGreaterThan(0)
})

describe('hashes', () => {
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
  test.each([
    [' Ann@A.Example ', 'email', sha('ann@a.example')],
    ['+49 (0) 170-12 34', 'phone', sha('4901701234')],
    ['0049 170 1234', 'phone', sha('491701234')],
    [' MÜLLER ', 'text', sha('müller')],
  ] as const)('%s as %s', (text, as, expected) => {
    expect(hashed(text, as)).toBe(expected)
    expect(hashed(hashed(text, as), as)).toBe(expected)
    expect(hashed(expected.toUpperCase(), as)).toBe(expected)
  })
})

test('values come back in the types they had', () => {
  const columns = [
    { name: 'a', input: 'a', type: 'integer' },
    { name: 'b', input: 'b', type: 'integer' },
    { name: 'c', input: 'c', type: 'number' },
    { name: 'd', input: 'd', type: 'number' },
    { name: 'e', input: 'e', type: 'boolean' },
    { name: 'f', input: 'f', type: 'list' },
    { name: 'g', input: 'g', type: 'timestamp' },
    { name: 'h', input: 'h', type: 'text' },
  ] as const
  const row = {
    a: '5',
    b: '9007199254740993',
    c: '1.5',
    d: 'Infinity',
    e: 'false',
    f: '["x"]',
    g: '2026-01-01T00:00:00Z',
    h: null,
  }
  expect([...inputValues(columns, row).values()]).toEqual([
    5,
    '9007199254740993',
    1.5,
    'Infinity',
    false,
    ['x'],
    '2026-01-01T00:00:00Z',
    null,
  ])
})
