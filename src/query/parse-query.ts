import { nearest } from '../diagnostics/nearest.ts'
import { isSyntaxError, loadParser, type Parser, type SyntaxFailure } from './load-parser.ts'
import type { At, QueryNode } from './syntax.ts'

export interface QueryError {
  readonly at: At
  /** The word or character that stands there; undefined at the end. */
  readonly found: string | undefined
  readonly expected: readonly string[]
  readonly near?: string
}

export type ParsedQuery =
  | { readonly ok: true; readonly node: QueryNode }
  | { readonly ok: false; readonly error: QueryError }

/** Deeper than anyone writes, and far from where the stack ends. */
const deepest = 100

/** Parses the text form of a condition or an event trait. Never throws. */
export function parseQuery(text: string): ParsedQuery {
  const error = findUnclosed(text)
  if (error !== undefined) return { ok: false, error }
  try {
    return { ok: true, node: parser().parse(text) }
  } catch (thrown) {
    if (!isSyntaxError(thrown)) throw thrown
    return { ok: false, error: explain(thrown, text) }
  }
}

let loaded: Parser<QueryNode> | undefined

/** Loaded by the first query, so that a project without one does not wait for it. */
function parser(): Parser<QueryNode> {
  loaded ??= loadParser('query')
  return loaded
}

/** A text without its end and a nesting too deep are told before the parser runs into them. */
export function findUnclosed(text: string): QueryError | undefined {
  let depth = 0
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]
    if (character === "'" || character === '"') {
      const end = endOfText(text, index)
      if (end === undefined) {
        const at = { start: index, end: text.trimEnd().length }
        return { at, found: text.slice(at.start, at.end), expected: [`a ${character} that closes the text`] }
      }
      index = end
    }
    if (character === '(' || character === '[') depth += 1
    if (character === ')' || character === ']') depth -= 1
    if (depth > deepest) {
      return {
        at: { start: index, end: index + 1 },
        found: String(character),
        expected: [`no more than ${deepest} brackets inside each other`],
      }
    }
  }
  return undefined
}

function endOfText(text: string, start: number): number | undefined {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1
    else if (text[index] === text[start]) return index
  }
  return undefined
}

const units = ['seconds', 'minutes', 'hours', 'days', 'weeks']

function explain({ expected, location }: SyntaxFailure, text: string): QueryError {
  const end = text.trimEnd().length
  const start = Math.min(location.start.offset, end)
  const word = /^\w+/.exec(text.slice(start))?.[0] ?? String.fromCodePoint(text.codePointAt(start) ?? 32)
  const atEnd = start === end
  const words = expected.flatMap((each) =>
    each.type === 'literal' && each.text !== undefined ? each.text : [],
  )
  const names = expected.flatMap((each) => each.description ?? [])
  const orEnd = expected.some((each) => each.type === 'end')
  const near = atEnd
    ? undefined
    : nearest(word, [
        ...words.filter((each) => /^[A-Z]+$/.test(each)),
        ...(names.includes('a unit of time') ? units : []),
      ])
  return {
    at: { start, end: atEnd ? start + 1 : start + word.length },
    found: atEnd ? undefined : word,
    // A number may always go on as a duration, which helps nobody at the end.
    expected: describe(words, atEnd ? names.filter((name) => name !== 'a unit of time') : names, orEnd),
    ...(near === undefined ? {} : { near }),
  }
}

/** The grammar's tokens as people know them; where an operand may stand, that says it all. */
function describe(words: readonly string[], names: readonly string[], orEnd: boolean): readonly string[] {
  if (names.includes('a name') && names.includes('a number')) {
    return ["a value, or a call such as `trait('plan')`", ...(words.includes(')') ? ['`)`'] : [])]
  }
  const tokens = words.filter((word) => word !== 'AS' && word !== '{').map((word) => `\`${word}\``)
  const named = names.filter((name) => name !== 'blank')
  return [...new Set([...named, ...tokens, ...(orEnd ? ['the end'] : [])])]
}
