import type { Value } from './adapter.ts'

interface Bound {
  readonly sql: string
  readonly values: readonly Value[]
}

/** Literals, quoted names and comments, which hold no parameters, and the parameters. */
const tokens = /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\d+)/g

/** `$1`, `$2`, … as `?`, with the values in the order in which they stand. */
export function bindMarks(sql: string, parameters: readonly Value[]): Bound {
  const values: Value[] = []
  const text = sql.replaceAll(tokens, (token, number: string | undefined) => {
    if (number === undefined) return token
    const value = parameters[Number(number) - 1]
    if (value === undefined) throw new Error(`there is no value for the parameter ${token}`)
    values.push(value)
    return '?'
  })
  return { sql: text, values }
}
