/**
 * Functions of BigQuery that generated SQL may call: those that its reference has and the tests' evaluator can run. Whoever
 * needs another looks both up first.
 */
const functions =
  'abs array array_agg byte_length ceil coalesce concat count current_timestamp dense_rank div ends_with first_value floor format ' +
  'format_timestamp greatest is_nan json_query json_query_array json_value lag last_value lead least length lower lpad max md5 ' +
  'min mod nullif parse_json regexp_contains regexp_replace replace round row_number safe_divide safe_offset sha1 starts_with ' +
  'strpos substr sum timestamp timestamp_add timestamp_sub to_hex to_json to_json_string trim unix_micros unnest'

/** Words that stand before a parenthesis without being functions. */
const syntax =
  'all and any as by case cast exists from if in is join not on or order over partition select string struct then union using ' +
  'values when where with int64 float64 numeric bool distinct'

const allowed: ReadonlySet<string> = new Set(`${functions} ${syntax}`.split(' '))

/** Names of functions that a statement calls and that are not on the list. */
export function foreignFunctions(sql: string): readonly string[] {
  const bare = sql.replaceAll(/'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|--[^\n]*|\/\*.*?\*\//gs, "''")
  const called = [...bare.matchAll(/([A-Za-z_][\w.]*)\s*\(/g)].map(([, name = '']) => name)
  return [...new Set(called)].filter((name) => {
    // `create table x (…)`, `insert into x (…)` and `with x as (…)` name tables.
    const plain = name.toLowerCase().replace(/^safe\./, '')
    return (
      !allowed.has(plain) &&
      !new RegExp(`(table|exists|into|,|with)\\s+${name.replaceAll('.', '\\.')}\\s*\\(`, 'i').test(bare)
    )
  })
}
