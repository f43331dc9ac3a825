import { describe, expect, test } from 'vitest'
import { duckdb } from '../../src/dialects/duckdb.ts'
import type { Expr } from '../../src/ir/expr.ts'
import { renderExpr } from '../../src/sql/render-expr.ts'
import { engines, withScenario } from '../support/scenario.ts'

const at = '2026-05-02T00:00:00Z'
const sources = 'sources: [{ name: web, format: segment, schema: web }]\n'
const seen = {
  'web.seen': [
    { user_id: 'u1', plan: "v'19999", timestamp: at },
    { user_id: 'u2', plan: 'z', timestamp: at },
  ],
}
const traits = (count: number): string =>
  `traits:\n${Array.from({ length: count }, (_, index) => `  - { name: t${index}, entity: user, type: count, event: Seen }\n`).join('')}`

describe.each(engines)('limits of $name', (engine) => {
  test('two thousand traits run, or are too many before anything runs', async () => {
    await withScenario(engine, async (scenario) => {
      await scenario.define({ 'models/a.yml': `${sources}${traits(2000)}` })
      await scenario.give(seen)
      const { problems } = await scenario.compile()
      const { tableColumns, statementBytes } = scenario.adapter.dialect.limits
      if (tableColumns > 3000) {
        // Where a statement may not be so long, that is what is said.
        const codes = new Set(problems.map(({ code }) => code))
        expect([...codes]).toEqual(Number.isFinite(statementBytes) ? ['PSN3041'] : [])
        return
      }
      expect(problems).toMatchObject([
        {
          code: 'PSN3040',
          message: `table \`${scenario.schema}.profile_traits\` would have 2,003 columns; ${engine.name} allows ${tableColumns.toLocaleString('en')}`,
          hint: expect.stringContaining('fewer traits'),
        },
      ])
    })
  })

  test('names of 200 bytes are shortened the same way each time, and stay apart', async () => {
    await withScenario(engine, async (scenario) => {
      const long = `orders_${'of_a_long_name_'.repeat(13)}`
      const names = [`${long}a`, `${long}b`]
      await scenario.define({
        'models/a.yml': `${sources}traits:\n${names.map((name, index) => `  - { name: ${name}, entity: user, type: count, event: Seen, where: [{ property: plan, equals: ${index === 0 ? 'z' : 'y'} }] }\n`).join('')}audiences:\n${names.map((name) => `  - { name: members_${name}, match: { trait: ${name}, equals: 1 } }\n`).join('')}`,
      })
      await scenario.give(seen)
      const once = await scenario.compile()
      expect(once.problems).toEqual([])
      expect((await scenario.compile()).manifest).toEqual(once.manifest)
      await scenario.run(at, 'run_1')
      await scenario.run(at, 'run_2')
      expect(
        await scenario.rows('select name, value from {schema}.user_traits order by name, value'),
      ).toEqual(expect.arrayContaining([{ name: names[0], value: '1' }]))
      const sizes = await scenario.rows(
        "select audience_key, size from {schema}.audience_sizes where run_id = 'run_2' order by audience_key",
      )
      expect(sizes).toEqual([
        { audience_key: `members_${names[0]}`, size: 1 },
        { audience_key: `members_${names[1]}`, size: 0 },
      ])
    })
  })

  test('one of twenty thousand values', async () => {
    await withScenario(engine, async (scenario) => {
      const values = Array.from({ length: 20_000 }, (_, index) => `"v'${index}"`).join(', ')
      const match = `{ event: Seen, where: [{ property: plan, one_of: [${values}] }] }`
      await scenario.define({ 'models/a.yml': `${sources}audiences:\n  - { name: some, match: ${match} }\n` })
      await scenario.give(seen)
      await scenario.run(at)
      expect(await scenario.rows('select user_id from {schema}.audience_some')).toEqual([{ user_id: 'u1' }])
    })
  })
})

describe('lists that are too long for a warehouse', () => {
  const column: Expr = { kind: 'column', table: 't', name: 'c', type: 'integer' }
  const values = [1, 2, 3, 4, 5].map((value): Expr => ({ kind: 'integer', value }))
  const most = (listItems: number) => ({ ...duckdb, limits: { ...duckdb.limits, listItems } })

  test('are written as several', () => {
    expect(renderExpr({ kind: 'in', of: column, values }, most(5))).toBe('t.c in (1, 2, 3, 4, 5)')
    const split = renderExpr({ kind: 'not', of: { kind: 'in', of: column, values } }, most(2))
    expect(split).toBe('not ((t.c in (1, 2) or t.c in (3, 4) or t.c in (5)))')
  })
})

test('a statement that is too long for a warehouse is a problem with its size', async () => {
  const [engine] = engines
  if (engine === undefined) throw new Error('no engine')
  await withScenario(engine, async (scenario) => {
    await scenario.define({ 'models/a.yml': `${sources}${traits(100)}` })
    await scenario.give(seen)
    const { dialect } = scenario.adapter
    const small = { ...dialect, limits: { ...dialect.limits, statementBytes: 5000 } }
    const { problems } = await scenario.compile({ dialect: small })
    expect(problems[0]).toMatchObject({
      code: 'PSN3041',
      message: expect.stringMatching(/^a statement of `\S+` would have \d+,\d+ bytes; duckdb allows 5,000$/),
    })
  })
})

test('a schema whose name PostgreSQL would cut is a problem', async () => {
  const engine = engines.find(({ name }) => name === 'postgres')
  if (engine === undefined) throw new Error('no PostgreSQL')
  await withScenario(engine, async (scenario) => {
    await scenario.define({ 'models/a.yml': sources })
    await scenario.give(seen)
    const { dialect } = scenario.adapter
    const { problems } = await scenario.compile({ dialect: { ...dialect, maxIdentifierBytes: 10 } })
    expect(problems.map(({ code }) => code)).toContain('PSN3042')
  })
})
