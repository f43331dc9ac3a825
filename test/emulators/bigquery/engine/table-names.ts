import { createHash } from 'node:crypto'
import type { Analyst } from './analysis.ts'
import { quoteName, type Token } from './lexer.ts'
import { applyEdits, type Edit } from './rewrite.ts'
import { pathAt } from './statements.ts'

type Segments = readonly string[]

/**
 * Which tables a statement names, as the parser says. Tests run the same statements in datasets of their own over and over,
 * so it is asked once for all that differ in paths and comments only.
 */
export class TableNames {
  readonly #analyst: Analyst
  readonly #known = new Map<string, readonly (number | Segments)[]>()

  constructor(analyst: Analyst) {
    this.#analyst = analyst
  }

  /**
   * @param isPath whether these segments lead into a dataset that is there
   * @throws BigqueryError where the statement does not parse
   */
  async of(
    sql: string,
    tokens: readonly Token[],
    isPath: (segments: Segments) => boolean,
  ): Promise<readonly Segments[]> {
    const { text, paths } = withoutPaths(sql, tokens, isPath)
    const key = createHash('sha1').update(text).digest('base64')
    const known = this.#known.get(key) ?? (await this.#ask(sql, text))
    this.#known.set(key, known)
    return known.map((each) => (typeof each === 'number' ? (paths[each] ?? []) : each))
  }

  async #ask(sql: string, text: string): Promise<readonly (number | Segments)[]> {
    const names = await this.#analyst.tableNames(text).catch(() => this.#analyst.tableNames(sql))
    return names.map((segments) =>
      segments[0] === placeholder && segments.length === 2 ? Number(segments[1]) : segments,
    )
  }
}

const placeholder = ':path'

function withoutPaths(
  sql: string,
  tokens: readonly Token[],
  isPath: (segments: Segments) => boolean,
): { readonly text: string; readonly paths: readonly Segments[] } {
  const numbers = new Map<string, number>()
  const paths: Segments[] = []
  const edits: Edit[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word' && token.kind !== 'name') continue
    const before = tokens[index - 1]
    if (before?.kind === 'symbol' && (before.text === '.' || before.text === '@')) continue
    const { segments, start, end } = pathAt(sql, tokens, index)
    if (!isPath(segments)) continue
    const key = segments.join('\0')
    const number = numbers.get(key) ?? paths.push(segments) - 1
    numbers.set(key, number)
    edits.push({ start, end, text: `${quoteName(placeholder)}.${quoteName(`${number}`)}` })
  }
  return { text: withoutComment(applyEdits(sql, edits)), paths }
}

/** What stands before a statement says who runs it, and differs from run to run. */
export function withoutComment(sql: string): string {
  return sql.replace(/^(?:\/\*.*?\*\/\s*)+/s, '')
}
