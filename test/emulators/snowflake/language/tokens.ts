import { notModelled, syntaxError } from '../errors.ts'

export interface Token {
  /** `word` unquoted name or keyword, `name` quoted, `text` a literal already decoded, `mark` operator, `bind` `?` or `:1`. */
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'mark' | 'bind' | 'end'
  /** Upper case for words, the content for names and texts, the number of a bind. */
  readonly value: string
  readonly start: number
  readonly end: number
  readonly line: number
  readonly position: number
}

const marks = ['::', '=>', '->', '<>', '!=', '<=', '>=', '||', ...'()[],.;:+-*/%<>={}']

/**
 * Words as Snowflake's "Lexical elements" has them; a character that can start none of them is a syntax error.
 *
 * @see https://docs.snowflake.com/en/sql-reference/identifiers-syntax
 * @see https://docs.snowflake.com/en/sql-reference/data-types-text#string-constants
 */
export function tokenize(sql: string): readonly Token[] {
  if (sql.includes('\0')) throw notModelled('the character NUL in a statement')
  const tokens: Token[] = []
  const lines = lineStarts(sql)
  let at = 0
  let binds = 0
  const fail = (): never => {
    const { line, position } = place(lines, at)
    throw syntaxError(line, position, sql.slice(at, at + 1) || '<EOF>')
  }
  const push = (kind: Token['kind'], value: string, end: number): void => {
    tokens.push({ kind, value, start: at, end, ...place(lines, at) })
    at = end
  }
  for (;;) {
    at = skipBlank(sql, at, fail)
    const rest = sql[at]
    if (rest === undefined) break
    if (rest === "'") {
      const end = endOfText(sql, at, fail)
      push('text', decode(sql.slice(at + 1, end - 1)), end)
    } else if (sql.startsWith('$$', at)) {
      const close = sql.indexOf('$$', at + 2)
      if (close < 0) fail()
      push('text', sql.slice(at + 2, close), close + 2)
    } else if (rest === '"') {
      const end = endOfName(sql, at, fail)
      const name = sql.slice(at + 1, end - 1).replaceAll('""', '"')
      if (name === '') fail()
      push('name', name, end)
    } else {
      const word = match(/[A-Za-z_][A-Za-z0-9_$]*/y, sql, at)
      const number = match(/(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?/y, sql, at)
      const bind = match(/\?|:\d+/y, sql, at)
      const mark = marks.find((candidate) => sql.startsWith(candidate, at))
      if (word !== undefined) push('word', word.toUpperCase(), at + word.length)
      else if (number !== undefined) push('number', number, at + number.length)
      else if (bind !== undefined)
        push('bind', bind === '?' ? String(++binds) : bind.slice(1), at + bind.length)
      else if (mark !== undefined) push('mark', mark, at + mark.length)
      else fail()
    }
  }
  push('end', '<EOF>', at)
  return tokens
}

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(sql)?.[0]
}

function skipBlank(sql: string, from: number, fail: () => never): number {
  let at = from
  for (;;) {
    const blank = match(/[ \t\r\n\f]+|--[^\n]*|\/\/[^\n]*/y, sql, at)
    if (blank !== undefined) at += blank.length
    else if (sql.startsWith('/*', at)) {
      const close = sql.indexOf('*/', at + 2)
      if (close < 0) fail()
      at = close + 2
    } else return at
  }
}

function endOfText(sql: string, from: number, fail: () => never): number {
  for (let at = from + 1; at < sql.length; at += 1) {
    if (sql[at] === '\\') at += 1
    else if (sql[at] === "'") {
      if (sql[at + 1] !== "'") return at + 1
      at += 1
    }
  }
  return fail()
}

function endOfName(sql: string, from: number, fail: () => never): number {
  for (let at = from + 1; at < sql.length; at += 1) {
    if (sql[at] === '"') {
      if (sql[at + 1] !== '"') return at + 1
      at += 1
    }
  }
  return fail()
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** Octal, hexadecimal and Unicode escapes; a backslash before anything else is dropped. */
function decode(body: string): string {
  const text = body.replace(
    /''|\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(0)|([\s\S]))/gu,
    (whole, octal: string, hex: string, unicode: string, nul: string, other: string) => {
      if (whole === "''") return "'"
      if (nul !== undefined) return '\0'
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
      const code = hex ?? unicode
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
      return escapes[other] ?? other
    },
  )
  if (text.includes('\0')) throw notModelled('the character NUL in a text')
  return text
}

function lineStarts(sql: string): readonly number[] {
  const starts = [0]
  for (let at = sql.indexOf('\n'); at >= 0; at = sql.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function place(lines: readonly number[], at: number): { line: number; position: number } {
  let low = 0
  let high = lines.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((lines[middle] ?? 0) <= at) low = middle
    else high = middle - 1
  }
  return { line: low + 1, position: at - (lines[low] ?? 0) }
}
