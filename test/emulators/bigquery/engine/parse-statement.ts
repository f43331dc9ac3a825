import { isSymbol, isWord, nameOf, type Token, tokensOf } from './lexer.ts'
import type { AlterAction, Path, Statement } from './statements.ts'

/** A request's statements; BEGIN … END blocks stay one. */
export function splitStatements(sql: string): readonly { readonly text: string; readonly start: number }[] {
  const found: { text: string; start: number }[] = []
  const tokens = tokensOf(sql)
  let first: Token | undefined
  let last: Token | undefined
  let depth = 0
  const flush = (): void => {
    if (first !== undefined && last !== undefined) {
      found.push({ text: sql.slice(first.start, last.end), start: first.start })
    }
    first = undefined
    last = undefined
  }
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]
    if (isSymbol(token, ';') && depth === 0) {
      flush()
      continue
    }
    if (first === undefined) {
      first = token
      if (
        isWord(token, 'BEGIN') &&
        next !== undefined &&
        !isSymbol(next, ';') &&
        !isWord(next, 'TRANSACTION')
      )
        depth = 1
      if (isWord(token, 'LOOP', 'WHILE', 'REPEAT', 'FOR') || (isWord(token, 'IF') && !isSymbol(next, '(')))
        depth = 1
    } else if (depth > 0) {
      if (isWord(token, 'BEGIN', 'CASE', 'LOOP', 'REPEAT') && !isWord(tokens[index - 1], 'END')) depth += 1
      if (isWord(token, 'END')) depth -= 1
    }
    last = token
  }
  flush()
  return found
}

export function parseStatement(sql: string): Statement {
  const tokens = tokensOf(sql)
  const common = { sql, tokens }
  const at = (index: number): Token | undefined => tokens[index]
  const [first] = tokens
  const word = first?.kind === 'word' ? first.text : (first?.text ?? '')
  const other = (): Statement => ({
    ...common,
    kind: 'other',
    what: tokens
      .slice(0, 3)
      .map(({ text }) => text)
      .join(' '),
  })
  switch (word) {
    case 'SELECT':
    case 'WITH':
    case 'FROM':
    case '(':
      return { ...common, kind: 'query' }
    case 'INSERT':
      return { ...common, kind: 'insert', target: pathAt(sql, tokens, isWord(at(1), 'INTO') ? 2 : 1) }
    case 'MERGE':
      return { ...common, kind: 'merge', target: pathAt(sql, tokens, isWord(at(1), 'INTO') ? 2 : 1) }
    case 'DELETE':
      return { ...common, kind: 'delete', target: pathAt(sql, tokens, isWord(at(1), 'FROM') ? 2 : 1) }
    case 'UPDATE':
      return { ...common, kind: 'update', target: pathAt(sql, tokens, 1) }
    case 'TRUNCATE':
      return { ...common, kind: 'truncate', target: pathAt(sql, tokens, 2) }
    case 'BEGIN':
      return at(1) === undefined || isWord(at(1), 'TRANSACTION') ? { ...common, kind: 'begin' } : other()
    case 'COMMIT':
      return { ...common, kind: 'commit' }
    case 'ROLLBACK':
      return { ...common, kind: 'rollback' }
    case 'CREATE':
      return parseCreate(sql, tokens) ?? other()
    case 'DROP':
      return parseDrop(sql, tokens) ?? other()
    case 'ALTER':
      return parseAlter(sql, tokens) ?? other()
    default:
      return other()
  }
}

/** `a.b.c`, each part a word or in backticks; a project may have unquoted dashes. */
export function pathAt(sql: string, tokens: readonly Token[], from: number): Path {
  const segments: string[] = []
  let index = from
  const first = tokens[from]
  for (;;) {
    const token = tokens[index]
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'name')) break
    let segment = nameOf(token, sql)
    index += 1
    // Only the first part may be `my-project`, with nothing between.
    while (
      segments.length === 0 &&
      token.kind === 'word' &&
      isSymbol(tokens[index], '-') &&
      tokens[index]?.start === tokens[index - 1]?.end
    ) {
      segment += `-${sql.slice(tokens[index + 1]?.start, tokens[index + 1]?.end)}`
      index += 2
    }
    segments.push(segment)
    if (!isSymbol(tokens[index], '.')) break
    index += 1
  }
  const last = tokens[index - 1]
  return { segments, start: first?.start ?? 0, end: last?.end ?? 0, next: index }
}

function parseCreate(sql: string, tokens: readonly Token[]): Statement | undefined {
  let index = 1
  const take = (...words: readonly string[]): boolean => {
    if (!words.every((each, offset) => isWord(tokens[index + offset], each))) return false
    index += words.length
    return true
  }
  const orReplace = take('OR', 'REPLACE')
  const temporary = take('TEMP') || take('TEMPORARY')
  const materialized = take('MATERIALIZED')
  const isSchema = take('SCHEMA')
  const isView = !isSchema && take('VIEW')
  if (!isSchema && !isView && !take('TABLE')) return undefined
  const ifNotExists = take('IF', 'NOT', 'EXISTS')
  const target = pathAt(sql, tokens, index)
  index = target.next
  const common = { sql, tokens, target, ifNotExists }
  if (isSchema) return { ...common, kind: 'createSchema', options: optionsFrom(sql, tokens, index) }
  // The clauses at depth 0 between the name and the select.
  let depth = 0
  let select: number | undefined
  let partitionBy = ''
  let clusterBy = ''
  let from = ''
  let options: ReadonlyMap<string, string> = new Map()
  for (; index < tokens.length; index += 1) {
    const token = tokens[index]
    if (token === undefined) break
    if (isSymbol(token, '(')) depth += 1
    if (isSymbol(token, ')')) depth -= 1
    if (depth > 0) continue
    if (isWord(token, 'AS')) {
      select = tokens[index + 1]?.start
      break
    }
    if (isWord(token, 'PARTITION')) partitionBy = clauseAt(sql, tokens, index + 2)
    if (isWord(token, 'CLUSTER')) clusterBy = clauseAt(sql, tokens, index + 2)
    if (isWord(token, 'LIKE', 'COPY', 'CLONE')) from = token.text
    if (isWord(token, 'OPTIONS')) options = optionsAt(sql, tokens, index + 1)
  }
  if (isView) {
    return select === undefined
      ? undefined
      : { ...common, kind: 'createView', orReplace, materialized, select, options }
  }
  return {
    ...common,
    kind: 'createTable',
    temporary,
    orReplace,
    partitionBy,
    clusterBy,
    select,
    from,
    options,
  }
}

/** The text of a clause, up to the next clause at the same depth; in lower case and single blanks, to be compared. */
function clauseAt(sql: string, tokens: readonly Token[], from: number): string {
  let depth = 0
  const words: string[] = []
  for (const token of tokens.slice(from)) {
    if (depth === 0 && isWord(token, 'CLUSTER', 'OPTIONS', 'AS', 'PARTITION', 'DEFAULT')) break
    if (isSymbol(token, '(')) depth += 1
    if (isSymbol(token, ')')) depth -= 1
    words.push(nameOf(token, sql))
  }
  return words.join(' ').toLowerCase()
}

function optionsFrom(sql: string, tokens: readonly Token[], from: number): ReadonlyMap<string, string> {
  const index = tokens.findIndex((token, position) => position >= from && isWord(token, 'OPTIONS'))
  return index < 0 ? new Map() : optionsAt(sql, tokens, index + 1)
}

/** `(name = expression, …)`: names and the text of expressions. */
function optionsAt(sql: string, tokens: readonly Token[], open: number): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  let depth = 0
  let name = ''
  let start = -1
  for (const [index, token] of tokens.entries()) {
    if (index < open) continue
    if (isSymbol(token, '(') || isSymbol(token, '[')) depth += 1
    const closes = isSymbol(token, ')') || isSymbol(token, ']')
    if (depth === 1 && start >= 0 && ((closes && isSymbol(token, ')')) || isSymbol(token, ','))) {
      options.set(name.toLowerCase(), sql.slice(start, token.start).trim())
      start = -1
    }
    if (closes) depth -= 1
    if (depth === 0) break
    if (depth === 1 && start < 0 && isSymbol(tokens[index + 1], '=')) {
      name = nameOf(token, sql)
      start = tokens[index + 2]?.start ?? token.end
    }
  }
  return options
}

function parseDrop(sql: string, tokens: readonly Token[]): Statement | undefined {
  const what = tokens[1]
  let index = isWord(what, 'MATERIALIZED') || isWord(what, 'EXTERNAL') ? 3 : 2
  const kind = tokens[index - 1]
  const ifExists = isWord(tokens[index], 'IF')
  if (ifExists) index += 2
  const target = pathAt(sql, tokens, index)
  const common = { sql, tokens, target, ifExists }
  if (isWord(kind, 'TABLE')) return { ...common, kind: 'drop', what: 'TABLE' }
  if (isWord(kind, 'VIEW')) return { ...common, kind: 'drop', what: 'VIEW' }
  if (isWord(kind, 'SCHEMA')) {
    return { ...common, kind: 'dropSchema', cascade: isWord(tokens[target.next], 'CASCADE') }
  }
  return undefined
}

function parseAlter(sql: string, tokens: readonly Token[]): Statement | undefined {
  const what = isWord(tokens[1], 'TABLE') ? 'TABLE' : isWord(tokens[1], 'VIEW') ? 'VIEW' : undefined
  if (what === undefined) return undefined
  let index = 2
  const ifExists = isWord(tokens[index], 'IF')
  if (ifExists) index += 2
  const target = pathAt(sql, tokens, index)
  const actions: AlterAction[] = []
  for (const [from, to] of partsOf(tokens, target.next))
    actions.push(parseAction(sql, tokens.slice(from, to)))
  return { sql, tokens, kind: 'alter', what, target, ifExists, actions }
}

/** Parts between commas at depth 0, as positions in the tokens. */
function partsOf(tokens: readonly Token[], from: number): readonly (readonly [number, number])[] {
  const parts: [number, number][] = []
  let depth = 0
  let start = from
  for (const [index, token] of tokens.entries()) {
    if (index < from) continue
    if (isSymbol(token, '(') || isSymbol(token, '<') || isSymbol(token, '[')) depth += 1
    if (isSymbol(token, ')') || isSymbol(token, '>') || isSymbol(token, ']')) depth -= 1
    if (isSymbol(token, '>>')) depth -= 2
    if (depth === 0 && isSymbol(token, ',')) {
      parts.push([start, index])
      start = index + 1
    }
  }
  parts.push([start, tokens.length])
  return parts
}

function parseAction(sql: string, tokens: readonly Token[]): AlterAction {
  let index = 0
  const take = (...words: readonly string[]): boolean => {
    if (!words.every((each, offset) => isWord(tokens[index + offset], each))) return false
    index += words.length
    return true
  }
  const takeName = (): string => {
    const token = tokens[index]
    index += 1
    return token === undefined ? '' : nameOf(token, sql)
  }
  const rest = (): string => sql.slice(tokens[index]?.start, tokens.at(-1)?.end)
  if (take('ADD', 'COLUMN')) {
    const ifNotExists = take('IF', 'NOT', 'EXISTS')
    const definition = rest()
    return { kind: 'addColumn', ifNotExists, definition, name: takeName() }
  }
  if (take('DROP', 'COLUMN')) {
    const ifExists = take('IF', 'EXISTS')
    return { kind: 'dropColumn', ifExists, name: takeName() }
  }
  if (take('RENAME', 'TO')) return { kind: 'renameTo', to: pathAt(sql, tokens, index) }
  if (take('RENAME', 'COLUMN')) {
    const ifExists = take('IF', 'EXISTS')
    const name = takeName()
    take('TO')
    return { kind: 'renameColumn', ifExists, name, to: takeName() }
  }
  if (take('ALTER', 'COLUMN')) {
    const ifExists = take('IF', 'EXISTS')
    const name = takeName()
    if (take('SET', 'DATA', 'TYPE')) return { kind: 'setType', name, ifExists, type: rest() }
    if (take('DROP', 'NOT', 'NULL')) return { kind: 'dropNotNull', name, ifExists }
    if (take('SET', 'OPTIONS'))
      return { kind: 'setColumnOptions', name, options: optionsAt(sql, tokens, index) }
  }
  if (take('SET', 'OPTIONS')) return { kind: 'setOptions', options: optionsAt(sql, tokens, index) }
  return { kind: 'other', what: rest() }
}
