import { BigqueryError, EmulatorGap } from './errors.ts'
import { isSymbol, isWord, nameOf, quoteName, type Token } from './lexer.ts'
import type { Path } from './statements.ts'

/** A MERGE cut into its parts; positions are of the statement's text. */
export interface Merge {
  readonly targetAlias: string
  readonly source: Span
  readonly sourceAlias: string | undefined
  readonly condition: Span
  readonly clauses: readonly MergeClause[]
}

export interface Span {
  readonly start: number
  readonly end: number
}

export interface MergeClause {
  readonly match: 'matched' | 'notMatched' | 'notMatchedBySource'
  readonly condition: Span | undefined
  readonly action: 'update' | 'delete' | 'insert'
  /** Columns that get a value; `default` where the statement says DEFAULT. */
  readonly values: readonly { readonly column: string; readonly value: Span | 'default' }[]
  /** INSERT ROW: the source's columns in their order. */
  readonly wholeRow: boolean
}

/** The statement has passed the analyzer, so its grammar is right. */
export function parseMerge(
  sql: string,
  tokens: readonly Token[],
  target: Path,
  columns: readonly string[],
): Merge {
  const depths = depthsOf(tokens)
  const find = (from: number, ...words: readonly string[]): number => {
    const found = tokens.findIndex(
      (token, index) => index >= from && depths[index] === 0 && isWord(token, ...words),
    )
    return found < 0 ? tokens.length : found
  }
  const span = (from: number, to: number): Span => ({
    start: tokens[from]?.start ?? 0,
    end: tokens[to - 1]?.end ?? 0,
  })

  const using = find(target.next, 'USING')
  const aliasToken = isWord(tokens[target.next], 'AS') ? tokens[target.next + 1] : tokens[target.next]
  const targetAlias =
    aliasToken === undefined || isWord(aliasToken, 'USING')
      ? (target.segments.at(-1)?.split('.').at(-1) ?? '')
      : nameOf(aliasToken, sql)
  const on = find(using + 1, 'ON')
  const firstWhen = find(on + 1, 'WHEN')
  const clauses: MergeClause[] = []
  for (let when = firstWhen; when < tokens.length; ) {
    const end = find(when + 1, 'WHEN')
    clauses.push(parseClause(when, end))
    when = end
  }
  return {
    targetAlias,
    source: span(using + 1, on),
    sourceAlias: sourceAlias(using + 1, on),
    condition: span(on + 1, firstWhen),
    clauses,
  }

  function sourceAlias(_from: number, to: number): string | undefined {
    const last = tokens[to - 1]
    if (last === undefined || isSymbol(last, ')')) return undefined
    return nameOf(last, sql).split('.').at(-1)
  }

  function parseClause(from: number, to: number): MergeClause {
    let index = from + 1
    const not = isWord(tokens[index], 'NOT')
    if (not) index += 1
    index += 1
    let bySource = false
    if (isWord(tokens[index], 'BY')) {
      bySource = isWord(tokens[index + 1], 'SOURCE')
      index += 2
    }
    const then = find(index, 'THEN')
    const condition = isWord(tokens[index], 'AND') ? span(index + 1, then) : undefined
    const match = !not ? 'matched' : bySource ? 'notMatchedBySource' : 'notMatched'
    const action = tokens[then + 1]
    if (isWord(action, 'DELETE')) return { match, condition, action: 'delete', values: [], wholeRow: false }
    if (isWord(action, 'UPDATE')) {
      return { match, condition, action: 'update', values: assignments(then + 3, to), wholeRow: false }
    }
    return { match, condition, action: 'insert', ...inserted(then + 2, to) }
  }

  function assignments(from: number, to: number): MergeClause['values'] {
    return parts(from, to).map(([start, end]) => {
      const name = tokens[start]
      if (name === undefined || !isSymbol(tokens[start + 1], '=')) {
        throw new EmulatorGap('update of a part of a column in MERGE')
      }
      return { column: nameOf(name, sql), value: expressionAt(start + 2, end) }
    })
  }

  function inserted(from: number, to: number): Pick<MergeClause, 'values' | 'wholeRow'> {
    let index = from
    let names = columns
    if (isSymbol(tokens[index], '(')) {
      const close = closing(index)
      names = parts(index + 1, close).map(([start]) => {
        const token = tokens[start]
        return token === undefined ? '' : nameOf(token, sql)
      })
      index = close + 1
    }
    if (isWord(tokens[index], 'ROW')) {
      return { wholeRow: true, values: names.map((column) => ({ column, value: 'default' })) }
    }
    const open = index + 1
    const values = parts(open + 1, closing(open)).map(([start, end]) => expressionAt(start, end))
    if (values.length !== names.length || index >= to) {
      throw new BigqueryError('invalidQuery', 'Inserted row has wrong column count')
    }
    return { wholeRow: false, values: values.map((value, at) => ({ column: names[at] ?? '', value })) }
  }

  function expressionAt(start: number, end: number): Span | 'default' {
    return end === start + 1 && isWord(tokens[start], 'DEFAULT') ? 'default' : span(start, end)
  }

  function closing(open: number): number {
    return tokens.findIndex(
      (token, index) => index > open && isSymbol(token, ')') && depths[index] === depths[open],
    )
  }

  /** Between commas at the depth of the first token. */
  function parts(from: number, to: number): readonly (readonly [number, number])[] {
    const depth = depths[from]
    const found: [number, number][] = []
    let start = from
    for (let index = from; index < to; index += 1) {
      if (isSymbol(tokens[index], ',') && depths[index] === depth) {
        found.push([start, index])
        start = index + 1
      }
    }
    return [...found, [start, to]]
  }
}

/** How deep each token stands in brackets and CASE … END; an opening or closing one has the depth outside. */
function depthsOf(tokens: readonly Token[]): readonly number[] {
  let depth = 0
  return tokens.map((token) => {
    const closes = isSymbol(token, ')') || isSymbol(token, ']') || isWord(token, 'END')
    if (closes) depth -= 1
    const own = depth
    if (isSymbol(token, '(') || isSymbol(token, '[') || isWord(token, 'CASE')) depth += 1
    return own
  })
}

/**
 * One query whose rows say what happens: the target's row number, whether there is a source row, the clause that fires, and
 * the values of every clause.
 */
export function mergeQuery(
  merge: Merge,
  slice: (span: Span) => string,
  typeOf: (column: string) => string,
  sourceColumns: readonly string[],
): string {
  const target = quoteName(merge.targetAlias)
  const source = quoteName(merge.sourceAlias ?? ':source')
  const fires = merge.clauses.map((clause, index) => {
    const side = {
      matched: `${target}.\`:row\` is not null and ${source}.\`:there\``,
      notMatched: `${target}.\`:row\` is null`,
      notMatchedBySource: `${source}.\`:there\` is null`,
    }[clause.match]
    const condition = clause.condition === undefined ? '' : ` and (${slice(clause.condition)})`
    return `when ${side}${condition} then ${index}`
  })
  const clause = `case ${fires.join(' ')} else -1 end`
  const values = merge.clauses.flatMap((each, index) =>
    each.values.map(({ column, value }, position) => {
      const type = typeOf(column)
      const text = each.wholeRow
        ? `${source}.${quoteName(sourceColumns[position] ?? '')}`
        : value === 'default'
          ? 'null'
          : slice(value)
      return `case when (${clause}) = ${index} then cast(${text} as ${type}) end`
    }),
  )
  return (
    `select ${[`${target}.\`:row\``, clause, ...values].join(', ')} ` +
    `from \`:target\` as ${target} ` +
    `full join (select *, true as \`:there\` from ${slice(merge.source)}) as ${source} ` +
    `on ${slice(merge.condition)}`
  )
}
