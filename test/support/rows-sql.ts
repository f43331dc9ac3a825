/** A subquery of these rows, each a list of values, as every warehouse reads it: `values` is not known to all. */
export function rowsSql(names: readonly string[], rows: readonly string[]): string {
  const [first = '', ...others] = rows
  const parts = first.split(', ')
  const named = parts.map((value, index) => `${value} as ${names[index] ?? ''}`).join(', ')
  return `(${[named, ...others].map((row) => `select ${row}`).join(' union all ')})`
}
