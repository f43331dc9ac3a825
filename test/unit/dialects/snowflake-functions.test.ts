import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { snowflake } from '../../../src/dialects/snowflake.ts'
import { identityPlan } from '../../scenarios/identity/identity-run.ts'

/** What generated SQL may call on Snowflake: looked up in its reference, one by one. */
const functions =
  'abs array_agg array_construct array_slice cast ceil coalesce concat contains convert_timezone count date_part dateadd endswith first_value ' +
  'flatten floor get greatest greatest_ignore_nulls is_boolean is_integer is_null_value is_varchar lag last_value lead least ' +
  'least_ignore_nulls length lower lpad max md5 min mod nullif octet_length regexp_like regexp_replace regexp_substr replace ' +
  'right round row_number rpad rtrim sha1 startswith substr sum sysdate to_json to_number to_timestamp_ntz to_variant ' +
  'to_varchar trim try_parse_json try_to_double'

/** Words and types that stand before a parenthesis. */
const syntax =
  'all and any as by case cast distinct exists from group if in into is join lateral not number on or order over partition ' +
  'select set table then timestamp_ntz union using values when where with within'

const allowed: ReadonlySet<string> = new Set(`${functions} ${syntax}`.split(' '))

function foreign(sql: string): readonly string[] {
  const bare = sql.replaceAll(/'(?:\\.|''|[^'\\])*'|"(?:""|[^"])*"|--[^\n]*|\/\*.*?\*\//gs, "''")
  const called = [...bare.matchAll(/([A-Za-z_][\w.]*)\s*\(/g)].map(([, name = '']) => name.toLowerCase())
  return [...new Set(called)].filter(
    (name) =>
      !allowed.has(name) &&
      // `create table x (…)`, `insert into x (…)`, `as items (…)` and `with x as (…)` name tables.
      !new RegExp(`(table|exists|into|,|with|as)\\s+${name.replaceAll('.', '\\.')}\\s*\\(`, 'i').test(bare),
  )
}

const golden = resolve(import.meta.dirname, '../../golden')

describe('functions of Snowflake in generated SQL', () => {
  test('what is on no list is found, in quotes and comments nothing', () => {
    expect(foreign(`select max_by(a, b), sum(x) -- f(x)\nfrom t where x = 'g(\\'h(' and "i(".y > 1`)).toEqual(
      ['max_by'],
    )
  })

  // Names alone are no statements.
  test.each(readdirSync(golden).filter((name) => !['literals', 'destinations'].includes(name)))(
    '%s calls none but those on the list',
    (name) => {
      expect(foreign(readFileSync(join(golden, name, 'snowflake.sql'), 'utf8'))).toEqual([])
    },
  )

  test('nor do identities', () => {
    const rules = [
      { type: 'user_id', limit: 1, frequency: 'ever', blocked: [{ pattern: '^0+$' }] },
      { type: 'email', limit: 5, frequency: 'annually' },
    ] as const
    const plan = identityPlan(snowflake, { workSchema: 'personas_work', rules })
    const texts = [...JSON.stringify(plan).matchAll(/"(?:sql|until|select)":("(?:\\.|[^"\\])*")/g)].map(
      ([, text = '""']) => String(JSON.parse(text)),
    )
    expect(texts.length).toBeGreaterThan(100)
    expect([...new Set(texts.flatMap(foreign))]).toEqual([])
  })
})
