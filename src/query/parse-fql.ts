import type { FqlNode } from './fql-syntax.ts'
import { isSyntaxError, loadParser, type Parser } from './load-parser.ts'
import { findUnclosed, type QueryError } from './parse-query.ts'

export type ParsedFql =
  | { readonly ok: true; readonly node: FqlNode }
  | { readonly ok: false; readonly error: QueryError }

let loaded: Parser<FqlNode> | undefined

/** Parses the text of a filter. Never throws. */
export function parseFql(text: string): ParsedFql {
  const error = findUnclosed(text)
  if (error !== undefined) return { ok: false, error }
  try {
    loaded ??= loadParser('fql')
    return { ok: true, node: loaded.parse(text) }
  } catch (thrown) {
    if (!isSyntaxError(thrown)) throw thrown
    const end = text.trimEnd().length
    const start = Math.min(thrown.location.start.offset, end)
    const word = /^[\w.]+/.exec(text.slice(start))?.[0] ?? String.fromCodePoint(text.codePointAt(start) ?? 32)
    const named = thrown.expected.flatMap(({ type, text: literal, description }) => {
      if (type === 'end') return 'the end'
      return description ?? (literal === undefined ? [] : `\`${literal}\``)
    })
    const expected = [...new Set(named)].filter((name) => name !== 'blank')
    const at = { start, end: start === end ? start + 1 : start + word.length }
    return { ok: false, error: { at, found: start === end ? undefined : word, expected } }
  }
}
