import type { Input } from './analysis.ts'
import { isWord, quoteName, type Token } from './lexer.ts'
import { pathAt } from './parse-statement.ts'

/** A piece of text to replace. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Words that can follow a table in FROM and are no alias of it. */
const notAlias = new Set(
  (
    'AS ON USING WHERE GROUP HAVING QUALIFY WINDOW ORDER LIMIT UNION INTERSECT EXCEPT JOIN INNER LEFT RIGHT FULL CROSS ' +
    'NATURAL SET WHEN TABLESAMPLE PIVOT UNPIVOT FOR HASH WITH VALUES SELECT LATERAL'
  ).split(' '),
)

/**
 * The evaluator only finds tables by a name of one part, so paths of several are replaced by one name each, and where a
 * table had no alias it keeps the one that its path gave it.
 *
 * Parameters by place become parameters by name.
 *
 * @returns the edits, and each table under its new name
 */
export function flattenPaths(
  sql: string,
  tokens: readonly Token[],
  inputs: readonly Input[],
  range: { readonly from: number; readonly to: number } = { from: 0, to: sql.length },
): { readonly edits: readonly Edit[]; readonly inputs: readonly Input[] } {
  const names = new Map(
    inputs.map((input, index) => [input.segments.join('\0'), { input, name: `:${index}` }]),
  )
  const edits: Edit[] = []
  let questions = 0
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'parameter' && token.text === '?') {
      edits.push({ start: token.start, end: token.end, text: `@${positional(questions)}` })
      questions += 1
    }
    if (token.start < range.from || token.end > range.to) continue
    if (token.kind !== 'word' && token.kind !== 'name') continue
    const before = tokens[index - 1]
    if (before?.kind === 'symbol' && (before.text === '.' || before.text === '@')) continue
    const path = pathAt(sql, tokens, index)
    const found = names.get(path.segments.join('\0'))
    if (found === undefined) continue
    // A single word could be any column; as a table it has its name already.
    if (path.segments.length === 1 && !found.input.segments[0]?.includes('.')) continue
    edits.push({
      start: path.start,
      end: path.end,
      text: quoteName(found.name) + aliasAfter(sql, tokens, path),
    })
  }
  return {
    edits,
    inputs: inputs.map((input) => {
      const [first = '', ...more] = input.segments
      if (more.length === 0 && !first.includes('.')) return input
      return { ...input, segments: [names.get(input.segments.join('\0'))?.name ?? ''] }
    }),
  }
}

/** Parameters by place get names too: the evaluator takes no others. */
export function positional(index: number): string {
  return `positional_${index}`
}

function aliasAfter(
  _sql: string,
  tokens: readonly Token[],
  path: { readonly segments: readonly string[]; readonly next: number },
): string {
  const next = tokens[path.next]
  const hasAlias =
    isWord(next, 'AS') || next?.kind === 'name' || (next?.kind === 'word' && !notAlias.has(next.text))
  if (hasAlias) return ''
  const last = path.segments.at(-1)?.split('.').at(-1) ?? ''
  return ` as ${quoteName(last)}`
}

export function applyEdits(sql: string, edits: readonly Edit[]): string {
  let text = ''
  let at = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    text += sql.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return text + sql.slice(at)
}

/** The text between two positions of a statement, with the edits that fall there. */
export function editedSlice(sql: string, edits: readonly Edit[], start: number, end: number): string {
  const inside = edits.filter((edit) => edit.start >= start && edit.end <= end)
  return applyEdits(
    sql.slice(start, end),
    inside.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start })),
  )
}
