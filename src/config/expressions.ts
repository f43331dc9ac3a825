/** What `{{ env_var 'X' }}` and `{{ var 'x' }}` are read from. */
export interface Variables {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly vars: Readonly<Record<string, unknown>>
}

/** Why an expression has no value; `index` and `length` are of the expression inside the text. */
export type ExpressionError = { readonly index: number; readonly length: number } & (
  | { readonly kind: 'environment' | 'variable'; readonly name: string }
  | { readonly kind: 'syntax'; readonly detail: string }
)

export interface Evaluation {
  /** Of any type where the whole text is one `var` expression, else text. */
  readonly value: unknown
  readonly errors: readonly ExpressionError[]
  /** Values that came from the environment, not from a default. */
  readonly fromEnvironment: readonly string[]
  readonly readsEnvironment: boolean
  readonly varNames: readonly string[]
}

const expression = /\{\{\s*(\w+)\s+('[^']*'|"[^"]*")(?:\s+('[^']*'|"[^"]*"))?\s*\}\}/y

export function hasExpression(text: string): boolean {
  return text.includes('{{')
}

/** Fills in every expression of a text. A text with errors keeps what is written there. */
export function evaluateExpressions(text: string, variables: Variables): Evaluation {
  const errors: ExpressionError[] = []
  const fromEnvironment: string[] = []
  const varNames: string[] = []
  let readsEnvironment = false
  let filled = ''
  let end = 0
  for (let index = text.indexOf('{{'); index !== -1; index = text.indexOf('{{', end)) {
    filled += text.slice(end, index)
    expression.lastIndex = index
    const match = expression.exec(text)
    if (match === null) {
      const close = text.indexOf('}}', index)
      end = close === -1 ? text.length : close + 2
      errors.push({ kind: 'syntax', index, length: end - index, detail: text.slice(index, end) })
      continue
    }
    const [whole, call = '', name = '', fallback] = match
    end = index + whole.length
    const place = { index, length: whole.length }
    const variable = name.slice(1, -1)
    const given = call === 'env_var' ? variables.env[variable] : own(variables.vars, variable)
    const value = given ?? fallback?.slice(1, -1)
    if (call === 'env_var') {
      readsEnvironment = true
      if (given !== undefined) fromEnvironment.push(String(given))
      if (value === undefined) errors.push({ ...place, kind: 'environment', name: variable })
    } else if (call === 'var') {
      varNames.push(variable)
      if (value === undefined) errors.push({ ...place, kind: 'variable', name: variable })
      if (whole.length === text.length)
        return { value: value ?? text, errors, fromEnvironment, readsEnvironment, varNames }
    } else {
      errors.push({ ...place, kind: 'syntax', detail: `there is no function \`${call}\`` })
    }
    filled += value === undefined ? whole : textOf(value)
  }
  filled += text.slice(end)
  return { value: errors.length > 0 ? text : filled, errors, fromEnvironment, readsEnvironment, varNames }
}

function own(vars: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(vars, name) ? vars[name] : undefined
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
