import { createHash } from 'node:crypto'
import type { Analyst } from './analysis.ts'
import { quoteName, type Token } from './lexer.ts'
import { pathAt } from './parse-statement.ts'
import { applyEdits, type Edit } from './rewrite.ts'

type Segments = readonly string[]

/** A path's part that names the dataset, with the project if it is there, and the rest; undefined for what is no path. */
export type SplitPath = (
  segments: Segments,
) => { readonly dataset: Segments; readonly rest: Segments } | undefined

/**
 * Which tables a statement names, as the parser says. Tests run the same statements in datasets of their own over and over,
 * so it is asked once for all that differ in datasets and comments only.
 */
export class TableNames {
  readonly #analyst: Analyst
  readonly #known = new Map<string, readonly Segments[]>()

  constructor(analyst: Analyst) {
    this.#analyst = analyst
  }

  /** @throws BigqueryError where the statement does not parse */
  async of(sql: string, tokens: readonly Token[], split: SplitPath): Promise<readonly Segments[]> {
    const { text, paths } = withoutDatasets(sql, tokens, split)
    const key = createHash('sha1').update(text).digest('base64')
    const known =
      this.#known.get(key) ??
      (await this.#analyst.tableNames(text).catch(() => this.#analyst.tableNames(sql)))
    this.#known.set(key, known)
    return known.map((segments) => paths.get(segments.join('\0')) ?? segments)
  }
}

/**
 * A statement with its datasets numbered, and without what stands before it to say who runs it.
 *
 * @returns paths too, by the numbered ones
 */
export function withoutDatasets(
  sql: string,
  tokens: readonly Token[],
  split: SplitPath,
): { readonly text: string; readonly paths: ReadonlyMap<string, Segments> } {
  const numbers = new Map<string, number>()
  const paths = new Map<string, Segments>()
  const edits: Edit[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word' && token.kind !== 'name') continue
    const before = tokens[index - 1]
    if (before?.kind === 'symbol' && (before.text === '.' || before.text === '@')) continue
    const { segments, start, end } = pathAt(sql, tokens, index)
    const parts = split(segments)
    if (parts === undefined) continue
    const dataset = parts.dataset.join('\0')
    const number = numbers.get(dataset) ?? numbers.size
    numbers.set(dataset, number)
    const numbered = [`:${number}`, ...parts.rest]
    paths.set(numbered.join('\0'), segments)
    edits.push({ start, end, text: numbered.map(quoteName).join('.') })
  }
  return { text: applyEdits(sql, edits).replace(/^(?:\/\*.*?\*\/\s*)+/s, ''), paths }
}

/** BigQuery takes `a.b.c` in one pair of backticks for a path, the analyzer for a name: each part in its own. */
export function splitQuotedPaths(sql: string, tokens: readonly Token[], split: SplitPath): string {
  const edits = tokens.flatMap((token) => {
    const parts = token.kind === 'name' && token.text.includes('.') ? split([token.text]) : undefined
    if (parts === undefined) return []
    const text = [...parts.dataset, ...parts.rest].map(quoteName).join('.')
    return [{ start: token.start, end: token.end, text }]
  })
  return edits.length === 0 ? sql : applyEdits(sql, edits)
}
