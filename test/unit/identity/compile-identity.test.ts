import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { statementsOf } from '../../../src/compiler/statements-of.ts'
import type { IdentityRules } from '../../../src/definitions/definitions.ts'
import { duckdb } from '../../../src/dialects/duckdb.ts'
import { postgres } from '../../../src/dialects/postgres.ts'
import { compileIdentity } from '../../../src/identity/compile-identity.ts'
import type { Step } from '../../../src/ir/step.ts'
import {
  type GivenRule,
  identityPlan,
  identityTemplates,
  opened,
  rulesOf,
} from '../../scenarios/identity/identity-run.ts'

const ever: readonly GivenRule[] = [
  { type: 'user_id', limit: 1, frequency: 'ever', blocked: [{ exact: "o'hara" }, { pattern: '^[0-]*$' }] },
  { type: 'anonymous_id', limit: 5, frequency: 'ever' },
]
const windowed: readonly GivenRule[] = [...ever, { type: 'email', limit: 5, frequency: 'annually' }]

const sqlOf = (steps: readonly Step[]): readonly string[] => steps.flatMap(statementsOf)

describe.each([duckdb, postgres].map((dialect) => ({ dialect })))(
  'identity plan for $dialect.name',
  ({ dialect }) => {
    test.each([{ rules: ever }, { rules: windowed }])('is the same for the same rules', ({ rules }) => {
      const input = { workSchema: 'personas_work', rules }
      expect(identityPlan(dialect, input)).toEqual(identityPlan(dialect, input))
    })

    test('says nothing that only one engine understands', () => {
      const plan = identityPlan(dialect, { workSchema: 'personas_work', rules: windowed })
      // What a dialect writes itself, such as its `create or replace` or a JSON list, is its own affair.
      const signature = dialect.jsonSortedSet('x', 'all').replace(/x.*/s, '')
      const statements = [...sqlOf(plan.steps), ...plan.published.map((table) => table.select)]
        .filter((sql) => !sql.includes(signature))
        .map((sql) => sql.replace(/^create or replace (table|view)/, 'create $1'))
      for (const sql of statements) {
        expect(sql).not.toMatch(
          /\b(qualify|arg_min|arg_max|replace|exclude|least|greatest|filter|asof|using)\b/i,
        )
        expect(sql).not.toMatch(/::|\{\{|undefined|NaN/)
        expect(sql).not.toMatch(/,\s*\n\s*(from|where|group)\b/)
      }
    })

    test('warns of large clusters once the batch is taken in, from 500 identifiers on unless told', () => {
      const planFor = (rules: IdentityRules): readonly Step[] =>
        compileIdentity({
          rules,
          dialect,
          templates: identityTemplates(),
          workSchema: 'personas_work',
          schema: 'personas',
        }).steps
      const sizes = [rulesOf(ever), { ...rulesOf(ever), warnClusterSize: 30 }].map((rules) => {
        const steps = opened(planFor(rules))
        const taken = steps.findIndex((step) => step.kind === 'transaction')
        const [warning, ...more] = steps.slice(taken).filter((step) => step.kind === 'warning')
        expect(more).toEqual([])
        return [...(warning?.sql ?? '').matchAll(/identifiers > (\d+)/g)].map(([, size]) => Number(size))
      })
      expect(sizes).toEqual([[500], [30]])
    })

    test('refuses rules without an identifier of users', () => {
      expect(() =>
        compileIdentity({
          rules: { identifiers: [] },
          dialect,
          templates: identityTemplates(),
          workSchema: 'personas_work',
          schema: 'personas',
        }),
      ).toThrow('no rule for an identifier of users')
    })
  },
)

describe('templates of identity', () => {
  const folder = resolve(import.meta.dirname, '../../../templates/identity')
  const files = readdirSync(folder)

  test('are all used', () => {
    const used = new Set<string>()
    const templates = identityTemplates()
    const cuts = [{ event: 'm1' }]
    for (const rules of [rulesOf(ever), { ...rulesOf(windowed), cuts, maxPartners: 9 }]) {
      compileIdentity({
        rules,
        // It has indexes.
        dialect: postgres,
        workSchema: 'personas_work',
        schema: 'personas',
        templates: {
          render(name, context) {
            used.add(name.replace('identity/', ''))
            return templates.render(name, context)
          },
          placeOfCall: () => undefined,
        },
      })
    }
    expect(files.map((file) => file.replace('.sql.hbs', '')).toSorted()).toEqual([...used].toSorted())
  })

  test.each(files)('%s names its input type first', (file) => {
    expect(readFileSync(join(folder, file), 'utf8')).toMatch(/^\{\{!-- IdentityContext, /)
  })
})
