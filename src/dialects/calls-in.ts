import type { Sql } from './dialect.ts'
import { words } from './words.ts'

/** How a dialect writes what no call can stand in. */
export interface Lexis {
  /** A text, a quoted name or a comment to the end of its line, from where it begins; sticky. What is not closed goes to the end. */
  readonly opaque: RegExp
  /** Whether a comment between marks may hold others. */
  readonly nestedComments: boolean
}

/** A name before a parenthesis, in lower case but for quoted ones. */
export interface Call {
  readonly name: string
  readonly at: number
}

/** After them a parenthesis holds columns: `insert into x (…)`, `as items (item)`, `create table if not exists x (…)`. */
const beforeTables = words('as exists into table view with')

/**
 * All names before a parenthesis, as often as they stand there. Many megabytes of SQL come by here: characters are only passed
 * over but for the few that mean something, and names are read backwards from their parenthesis.
 *
 * @param isListed names to pass over
 */
export function callsIn(
  sql: Sql,
  lexis: Lexis,
  isListed: (name: string) => boolean = () => false,
): readonly Call[] {
  const calls: Call[] = []
  const spans: OpaqueSpan[] = []
  for (let at = nextMark(sql, 0); at < sql.length; ) {
    const isCall = sql.charCodeAt(at) === parenthesis
    const end = isCall ? at + 1 : endOfOpaque(sql, at, lexis)
    const path = isCall ? pathBefore(sql, at, spans) : undefined
    const name = path === undefined ? undefined : nameOf(sql, path)
    if (path !== undefined && name !== undefined && !isListed(name) && !isTable(sql, path, spans)) {
      calls.push({ name, at: path.start })
    }
    if (!isCall && end > at) spans.push({ start: at, end, kind: kindOf(sql.charAt(at)) })
    at = nextMark(sql, Math.max(end, at + 1))
  }
  return calls
}

const parenthesis = '('.charCodeAt(0)

/** Of characters by code: whether a call is told by them, or something in which there are none may begin. */
const isMark = new Uint8Array(65_536)
for (const mark of '(\'"`$-/#') isMark[mark.charCodeAt(0)] = 1

function nextMark(sql: Sql, from: number): number {
  let at = from
  while (at < sql.length && isMark[sql.charCodeAt(at)] === 0) at += 1
  return at
}

interface Path {
  readonly start: number
  readonly end: number
}

interface OpaqueSpan extends Path {
  readonly kind: 'text' | 'name' | 'comment'
}

function kindOf(first: string): OpaqueSpan['kind'] {
  if (first === '"' || first === '`') return 'name'
  return first === "'" || first === '$' ? 'text' : 'comment'
}

/** @returns where it began, if nothing begins there */
function endOfOpaque(sql: Sql, at: number, { opaque, nestedComments }: Lexis): number {
  if (sql.startsWith('/*', at)) return endOfComment(sql, at, nestedComments)
  const endFrom = (start: number): number => {
    opaque.lastIndex = start
    return opaque.test(sql) ? opaque.lastIndex : at
  }
  const before = sql.slice(Math.max(0, at - 2), at)
  if (sql.startsWith("'", at) && /(?<!\w)e$/i.test(before)) return Math.max(endFrom(at - 1), endFrom(at))
  // A name may have dollars in it.
  return sql.startsWith('$', at) && /\w$/.test(before) ? at : endFrom(at)
}

function endOfComment(sql: Sql, from: number, isNested: boolean): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = from
  let depth = 0
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    if (mark[0] === '*/') depth -= 1
    else if (isNested || depth === 0) depth += 1
    if (depth === 0) return marks.lastIndex
  }
  return sql.length
}

/** The name with its dots that stands before a place, if one does; comments may stand between. */
function pathBefore(sql: Sql, at: number, spans: readonly OpaqueSpan[]): Path | undefined {
  const end = skipBack(sql, at, spans)
  let start = partBefore(sql, end, spans)
  if (start === end) return undefined
  for (;;) {
    const dot = skipBack(sql, start, spans)
    if (sql.charAt(dot - 1) !== '.') return { start, end }
    const before = skipBack(sql, dot - 1, spans)
    const next = partBefore(sql, before, spans)
    if (next === before) return { start, end }
    start = next
  }
}

/** Where a word or a quoted name begins that ends at a place; the place where none does. */
function partBefore(sql: Sql, end: number, spans: readonly OpaqueSpan[]): number {
  const last = spanBefore(spans, end)
  if (last?.end === end) return last.kind === 'name' ? last.start : end
  let start = end
  while (start > (last?.end ?? 0) && isWord(sql.charCodeAt(start - 1))) start -= 1
  return start
}

function skipBack(sql: Sql, from: number, spans: readonly OpaqueSpan[]): number {
  let at = from
  for (;;) {
    while (at > 0 && isBlank(sql.charCodeAt(at - 1))) at -= 1
    const last = spanBefore(spans, at)
    if (last?.kind !== 'comment' || last.end !== at) return at
    at = last.start
  }
}

function spanBefore(spans: readonly OpaqueSpan[], at: number): OpaqueSpan | undefined {
  let index = spans.length - 1
  while ((spans[index]?.end ?? 0) > at) index -= 1
  return spans[index]
}

/** After some words the parenthesis holds columns; so it does after `create index if not exists i on t`. */
function isTable(sql: Sql, path: Path, spans: readonly OpaqueSpan[]): boolean {
  const word = pathBefore(sql, path.start, spans)
  if (word === undefined) return false
  const name = nameOf(sql, word)
  if (name !== 'on') return beforeTables.has(name)
  const index = pathBefore(sql, word.start, spans)
  const before = index && pathBefore(sql, index.start, spans)
  return before !== undefined && nameOf(sql, before) === 'exists'
}

function nameOf(sql: Sql, { start, end }: Path): string {
  const name = sql.slice(start, end)
  return /["`]/.test(name) ? name : name.toLowerCase()
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

/** Letters of all alphabets, digits and dollars: a number before a parenthesis is nothing anybody could call. */
function isWord(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    code === 95 ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 36 ||
    code > 127
  )
}
