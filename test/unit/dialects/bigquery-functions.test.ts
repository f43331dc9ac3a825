import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bigquery } from '../../../src/dialects/bigquery.ts'
import { identityPlan } from '../../scenarios/identity/identity-run.ts'
import { foreignFunctions } from '../../support/bigquery-functions.ts'

const golden = resolve(import.meta.dirname, '../../golden')

describe('functions of BigQuery in generated SQL', () => {
  test('what is on no list is found, in quotes and comments nothing', () => {
    expect(
      foreignFunctions("select max_by(a, b), sum(x) -- f(x)\nfrom t where x = 'g(' and `h`.y > 1"),
    ).toEqual(['max_by'])
  })

  test.each(readdirSync(golden).filter((name) => !['literals', 'destinations'].includes(name)))(
    '%s calls none but those on the list',
    (name) => {
      expect(foreignFunctions(readFileSync(join(golden, name, 'bigquery.sql'), 'utf8'))).toEqual([])
    },
  )

  test('nor do identities', () => {
    const rules = [
      { type: 'user_id', limit: 1, frequency: 'ever', blocked: [{ pattern: '^0+$' }] },
      { type: 'email', limit: 5, frequency: 'annually' },
    ] as const
    const plan = identityPlan(bigquery, { workSchema: 'personas_work', rules })
    const statements = JSON.stringify(plan, (_, value: unknown) => value)
    const texts = [...statements.matchAll(/"(?:sql|until|select)":("(?:\\.|[^"\\])*")/g)].map(
      ([, text = '""']) => String(JSON.parse(text)),
    )
    expect(texts.length).toBeGreaterThan(100)
    expect([...new Set(texts.flatMap(foreignFunctions))]).toEqual([])
  })
})
