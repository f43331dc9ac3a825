import { callsIn } from './calls-in.ts'
import type { Dialect, Sql } from './dialect.ts'
import { words } from './words.ts'

/** Words that stand before a parenthesis without being functions. */
const syntax = words(
  'all and any as by case cast distinct else except exists filter from group having in into is join lateral not on or ' +
    'order over partition select set table then union using values when where with',
)

/** What a statement calls that is not on the list of its dialect: each once, in lower case but for quoted names. */
export function foreignFunctions(
  { functions, lexis }: Pick<Dialect, 'functions' | 'lexis'>,
  sql: Sql,
): readonly string[] {
  const calls = callsIn(sql, lexis, (name) => functions.has(name) || syntax.has(name))
  return [...new Set(calls.map(({ name }) => name))]
}
