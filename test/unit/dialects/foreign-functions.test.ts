import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { callsIn, type Lexis } from '../../../src/dialects/calls-in.ts'
import { dialectOf } from '../../../src/dialects/dialects.ts'
import { foreignFunctions } from '../../../src/dialects/foreign-functions.ts'
import { knownFunctions } from '../../emulators/snowflake/binder/expression-binder.ts'
import { identityPlan } from '../../scenarios/identity/identity-run.ts'
import { engines } from '../../support/engines.ts'

const golden = resolve(import.meta.dirname, '../../golden')
const dialects = (['duckdb', 'postgres', 'bigquery', 'snowflake'] as const).map(dialectOf)

function namesIn(sql: string, lexis: Lexis): readonly string[] {
  return callsIn(sql, lexis).map(({ name }) => name)
}

const cases: readonly (readonly [what: string, sql: string, calls: readonly string[]])[] = [
  ['calls, in lower case', 'select MAX_BY (a, sum( b )), x from t', ['max_by', 'sum']],
  ['paths', 'select safe.f(a), pg_catalog . g(b)', ['safe.f', 'pg_catalog . g']],
  ['nothing in texts', "select 'f(', 'it''s g(', a", []],
  ['nothing in comments', '-- f(x)\n/* g(x) */ select 1 /* h(\n', []],
  ['comments between a name and its parenthesis', 'select f /* why */ -- how\n (a)', ['f']],
  ['calls after a sign that begins no comment', 'select a - f(b) / g(c)', ['f', 'g']],
  ['no tables', 'insert into s.t (a) select 1; create table if not exists u (a int)', []],
  ['no columns of aliases', 'select item from f(x) as items (item)', ['f']],
  ['no tables of indexes', 'create index if not exists i on s.t (a); select 1 from a join b on f(a)', ['f']],
  ['tables that are functions', 'select * from a cross join generate_series(1, 2)', ['generate_series']],
  ['other alphabets', 'select größe(a)', ['größe']],
]

describe.each(dialects)('$name: names before a parenthesis', ({ name, lexis }) => {
  test.each(cases)('%s', (_, sql, calls) => {
    const syntax = ['from', 'join', 'int', 'select']
    expect(namesIn(sql, lexis).filter((name) => !syntax.includes(name))).toEqual(calls)
  })

  const own: Readonly<Record<string, readonly (readonly [sql: string, calls: readonly string[]])[]>> = {
    duckdb: [
      ["select e'\\' f(', g(a)", ['g']],
      ["select 'a\\', g(a)", ['g']],
      ['select $$ f( $$, $x$ $$ g( $x$, h(a), "k("', ['h']],
      ['select "Own"(a), s."f" (b)', ['"Own"', 's."f"']],
      ['/* /* */ f( */ select g(a)', ['g']],
    ],
    bigquery: [
      ["select '\\' f(', r'\\' f(', '''' f( ''', \"g('\", h(a)", ['h']],
      ['select `\\` f(`, `g`(a) # h(\n', ['`g`']],
      ['/* /* */ select g(a)', ['g']],
    ],
    snowflake: [
      ["select '\\' f(', 'it''s (', $$ g(' $$, h(a) // k(\n", ['h']],
      ['select "f"(a)', ['"f"']],
      ['/* /* */ select g(a)', ['g']],
    ],
  }
  const ofDialect = own[name === 'postgres' ? 'duckdb' : name] ?? []
  test.each(ofDialect)('%s', (sql, calls) => {
    expect(namesIn(sql, lexis)).toEqual(calls)
  })
})

describe.each(dialects)('$name: what is generated calls none but listed functions', (dialect) => {
  // Names alone are no statements.
  test.each(readdirSync(golden).filter((name) => !['literals', 'destinations'].includes(name)))(
    '%s',
    (name) => {
      const sql = readFileSync(join(golden, name, `${dialect.name}.sql`), 'utf8')
      expect(foreignFunctions(dialect, sql)).toEqual([])
    },
  )

  test('identities', () => {
    const rules = [
      { type: 'user_id', limit: 1, frequency: 'ever', blocked: [{ pattern: '^0+$' }] },
      { type: 'email', limit: 5, frequency: 'annually' },
    ] as const
    const plan = JSON.stringify(identityPlan(dialect, { workSchema: 'personas_work', rules }))
    const texts = [...plan.matchAll(/"(?:sql|until|select|condition)":("(?:\\.|[^"\\])*")/g)].map(
      ([, text = '""']) => String(JSON.parse(text)),
    )
    expect(texts.length).toBeGreaterThan(100)
    expect([...new Set(texts.flatMap((text) => foreignFunctions(dialect, text)))]).toEqual([])
  })

  test('what is on no list is found', () => {
    expect(foreignFunctions(dialect, 'select max(a), max_by(a, b), Max_By(c, d)')).toEqual(['max_by'])
  })
})

describe('each listed function is one of its warehouse', () => {
  // What the grammar has is in no catalogue.
  const grammar = ['coalesce', 'extract', 'greatest', 'least', 'nullif', 'try_cast', 'unnest']
  const catalogues: Readonly<Record<string, string>> = {
    duckdb: 'select distinct function_name as name from duckdb_functions()',
    postgres: 'select distinct proname as name from pg_proc',
  }

  test.each(engines.filter((engine) => engine.dialect in catalogues))('$name', async (engine) => {
    const place = await engine.open()
    for (const sql of place.adapter.dialect.createSchema(place.schema)) await place.adapter.execute(sql)
    const rows = await place.adapter.query(catalogues[engine.dialect] ?? '')
    await place.drop()
    const known = new Set(rows.map(({ name }) => name))
    const { functions } = dialectOf(engine.dialect)
    expect([...functions].filter((name) => !known.has(name) && !grammar.includes(name))).toEqual([])
  })

  test('snowflake, as far as it is simulated', () => {
    const known = new Set([...knownFunctions.map((name) => name.toLowerCase()), ...grammar, 'flatten'])
    const types = ['number', 'timestamp_ntz']
    const { functions } = dialectOf('snowflake')
    expect([...functions].filter((name) => !known.has(name) && !types.includes(name))).toEqual([])
  })
})
