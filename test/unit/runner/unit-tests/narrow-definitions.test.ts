import { expect, test } from 'vitest'
import type {
  Audience,
  Definitions,
  FormulaTrait,
  Model,
  SqlTrait,
  Trait,
  UnitTest,
} from '../../../../src/definitions/definitions.ts'
import { defaultIdentifiers } from '../../../../src/definitions/identifier-defaults.ts'
import { narrowDefinitions } from '../../../../src/runner/unit-tests/narrow-definitions.ts'

const span = { file: 'models/x.yml', line: 1, column: 1, endLine: 1, endColumn: 2 }
const carried = { tags: [], meta: {}, span, nameSpan: span, ignoreWarnings: [] }
const formula = (name: string, expression: string): FormulaTrait => ({
  ...carried,
  formula: { kind: 'number', value: 1 },
  name,
  entity: 'user',
  type: 'formula',
  expression,
  expressionSpan: span,
})
const sql = (name: string, text: string): SqlTrait => ({
  ...carried,
  name,
  entity: 'user',
  type: 'sql',
  file: `models/${name}.sql`,
  fileSpan: span,
  maxRows: 1,
  sql: text,
})
const model = (name: string, text: string): Model => ({
  ...carried,
  name,
  file: `models/${name}.sql`,
  sql: text,
})
const audience = (name: string, trait: string): Audience => ({
  ...carried,
  name,
  entity: 'user',
  includeAnonymous: false,
  match: { kind: 'trait', entity: 'user', trait, traitSpan: span, tests: [], span },
})

const traits: readonly Trait[] = [
  formula('a', '1'),
  formula('b', 'a + 1'),
  formula('ab', '2'),
  sql('crm', "select user_id, plan from {{ref 'paying'}}"),
]
const definitions: Definitions = {
  sources: [],
  entities: [],
  relationships: [],
  identity: { identifiers: defaultIdentifiers() },
  traits,
  audiences: [audience('vip', 'b'), audience('other', 'ab')],
  models: [model('paying', 'select 1'), model('unused', 'select 2')],
  destinations: [],
  syncs: [],
  unitTests: [],
}

function kept(expected: UnitTest['expect']): readonly string[] {
  const unitTest: UnitTest = {
    ...carried,
    name: 't',
    asOf: '2026-06-01T00:00:00Z',
    given: {},
    expect: expected,
  }
  const narrow = narrowDefinitions(definitions, unitTest, new Set())
  return [...narrow.traits, ...narrow.audiences, ...narrow.models].map(({ name }) => name)
}

test.each<[UnitTest['expect'], readonly string[]]>([
  [{ profiles: 1 }, []],
  [{ traits: [{ user_id: 'u', ab: 1 }] }, ['ab']],
  [{ traits: [{ user_id: 'u', b: 1 }] }, ['a', 'b']],
  [{ audiences: { vip: [] } }, ['a', 'b', 'vip']],
  // A column of an SQL trait brings the trait and the model it reads.
  [{ traits: [{ plan: 'x' }] }, ['crm', 'paying']],
  // A trait from identify calls needs no definition.
  [{ traits: [{ favourite_colour: 'x' }] }, []],
])('expecting %j needs %j', (expected, names) => {
  expect(kept(expected)).toEqual(names)
})
