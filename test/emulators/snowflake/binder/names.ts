import type { Name } from '../language/syntax.ts'

/**
 * Snowflake tells "a" from "A", DuckDB does not: a name with lower-case letters carries which ones they are behind a
 * character that no name here has.
 */
const mark = '\u0002'

function physicalName(name: string): string {
  let lower = ''
  for (const character of name) lower += character === character.toUpperCase() ? '0' : '1'
  return lower.includes('1') ? `${name}${mark}${lower}` : name
}

export function quoted(name: string): string {
  return `"${physicalName(name).replaceAll('"', '""')}"`
}

/** Names as a user knows them, in a message that DuckDB wrote. */
export function withoutMarks(message: string): string {
  return message.replaceAll(new RegExp(`${mark}[01]+`, 'g'), '')
}

/** A name in a message: quoted where it would not be read back as it is. */
export function shown(name: Name): string {
  return name.map((part) => (/^[A-Z_][A-Z0-9_$]*$/.test(part) ? part : `"${part}"`)).join('.')
}

export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
