import type { Column } from '../values/types.ts'
import { columnsOf as columnsMadeBy } from './analysis.ts'
import { BigqueryError } from './errors.ts'
import { isSymbol, isWord, type Token } from './lexer.ts'
import { type Node, nameOf, nodeOf, nodesOf, numberOf, readResolved, within } from './resolved.ts'
import type { Statement } from './statements.ts'

/** What the analyzer, a superset of BigQuery, lets through and BigQuery refuses. @throws BigqueryError */
export function checkRestrictions(statement: Statement, resolved: Buffer): void {
  checkFunctions(statement.tokens)
  checkForms(statement)
  if (statement.kind === 'createTable') {
    checkPartition(statement.partitionBy, columnsMadeBy(resolved))
    checkClusters(statement.clusterBy)
  }
  const tree = readResolved(resolved)
  for (const node of within(tree)) {
    if (node.kind === 'ResolvedJoinScan') checkJoin(node)
    if (node.kind === 'ResolvedSubqueryExpr') checkSubquery(node)
    if (node.kind === 'ResolvedMergeStmt') checkMerge(node)
    if (node.kind === 'ResolvedAggregateFunctionCall') checkNullOrder(node)
  }
}

function refuse(message: string): never {
  throw new BigqueryError('invalidQuery', message, 'query')
}

// functions

/**
 * Functions that the analyzer knows and BigQuery has not, by the list of its reference. All others that pass the analyzer are
 * BigQuery's.
 */
const notBigquery = new Set(
  (
    'ARRAY_AVG ARRAY_FILTER ARRAY_FIND ARRAY_FIND_ALL ARRAY_FIRST_N ARRAY_INCLUDES ARRAY_INCLUDES_ALL ARRAY_INCLUDES_ANY ' +
    'ARRAY_IS_DISTINCT ARRAY_LAST_N ARRAY_MAX ARRAY_MIN ARRAY_OFFSET ARRAY_OFFSETS ARRAY_REMOVE_FIRST_N ARRAY_REMOVE_LAST_N ' +
    'ARRAY_SUM ARRAY_TRANSFORM ARRAY_ZIP D3A_COUNT DATE_FROM_UNIX_MICROS FILTER_FIELDS FLATTEN IFERROR ISERROR NULLIFERROR ' +
    'NULLIFZERO PI PI_BIGNUMERIC PI_NUMERIC ST_ACCUM ST_DUMPPOINTS ST_GEOGPOINTFROMGEOHASH ST_NEAREST_NEIGHBORS ' +
    'ST_UNARYUNION TIMESTAMP_FROM_UNIX_MICROS TIMESTAMP_FROM_UNIX_MILLIS TIMESTAMP_FROM_UNIX_SECONDS TYPEOF ZEROIFNULL'
  ).split(' '),
)

function checkFunctions(tokens: readonly Token[]): void {
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'word' || !notBigquery.has(token.text)) continue
    const next = tokens[index + 1]
    if (isSymbol(next, '(') || (isSymbol(next, '.') && token.text === 'D3A_COUNT')) {
      refuse(`Function not found: ${token.text}`)
    }
  }
}

// forms of statements

function checkForms({ kind, tokens }: Statement): void {
  if (kind === 'insert' && isWord(tokens[1], 'OR', 'IGNORE', 'REPLACE', 'UPDATE')) {
    refuse(`INSERT ${tokens[1]?.text} is not supported`)
  }
  for (const [index, token] of tokens.entries()) {
    if (isWord(token, 'ASSERT_ROWS_MODIFIED')) refuse('ASSERT_ROWS_MODIFIED is not supported')
    if (isWord(token, 'THEN') && isWord(tokens[index + 1], 'RETURN')) refuse('THEN RETURN is not supported')
  }
}

/** Expressions to partition by, each with the type that its column must have. */
const partitions: readonly (readonly [RegExp, readonly Column['type']['kind'][]])[] = [
  [/^([\p{L}_][\p{L}\p{N}_]*)$/u, ['DATE']],
  [/^date \( ([\p{L}\p{N}_]+) \)$/u, ['TIMESTAMP', 'DATETIME']],
  [/^timestamp_trunc \( ([\p{L}\p{N}_]+) , (?:hour|day|month|year) \)$/u, ['TIMESTAMP']],
  [/^datetime_trunc \( ([\p{L}\p{N}_]+) , (?:hour|day|month|year) \)$/u, ['DATETIME']],
  [/^date_trunc \( ([\p{L}\p{N}_]+) , (?:month|year) \)$/u, ['DATE']],
  [/^range_bucket \( ([\p{L}\p{N}_]+) , generate_array \( .* \) \)$/u, ['INT64']],
]

function checkPartition(clause: string, columns: readonly Column[]): void {
  if (clause === '' || clause === '_partitiondate') return
  const fits = partitions.some(([pattern, types]) => {
    const name = pattern.exec(clause)?.[1]
    const of = columns.find((each) => each.name.toLowerCase() === name)
    return of !== undefined && types.includes(of.type.kind)
  })
  if (fits) return
  refuse(
    'PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), DATETIME_TRUNC(<datetime_column>, ' +
      'DAY/HOUR/MONTH/YEAR), a DATE column, TIMESTAMP_TRUNC(<timestamp_column>, DAY/HOUR/MONTH/YEAR), DATE_TRUNC(<date_column>, ' +
      'MONTH/YEAR), or RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(<int64_value>, <int64_value>[, <int64_value>]))',
  )
}

function checkClusters(clause: string): void {
  const fields = clause === '' ? [] : clause.split(',')
  if (fields.length > 4) refuse('CLUSTER BY must have at most 4 columns')
  for (const field of fields) {
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(field.trim()))
      refuse(`CLUSTER BY takes columns of the table only, not ${field.trim()}`)
  }
}

// aggregates

/** Within an aggregate NULL stands where it would stand anyway: first, or last of a falling order. */
function checkNullOrder(call: Node): void {
  const [nullsFirst, nullsLast] = [1, 2]
  for (const item of nodesOf(call, 'order_by_item_list')) {
    const falls = numberOf(item, 'is_descending') === 1
    const nulls = numberOf(item, 'null_order')
    if (!falls && nulls === nullsLast) {
      refuse('NULLS LAST not supported with ascending sort order in aggregate functions.')
    }
    if (falls && nulls === nullsFirst) {
      refuse('NULLS FIRST not supported with descending sort order in aggregate functions.')
    }
  }
}

// joins

const joinNames = ['INNER', 'LEFT OUTER', 'RIGHT OUTER', 'FULL OUTER']

function checkJoin(join: Node): void {
  const condition = nodeOf(join, 'join_expr')
  if (condition === undefined) return
  if (hasTableSubquery(condition)) refuse('Unsupported subquery with table in join predicate.')
  const type = numberOf(join, 'join_type')
  if (type === 0) return
  const left = columnsOf(nodeOf(join, 'left_scan'))
  const right = columnsOf(nodeOf(join, 'right_scan'))
  if (!conjuncts(condition).some((each) => isEqualityBetween(each, left, right))) {
    refuse(
      `${joinNames[type]} JOIN cannot be used without a condition that is an equality of fields from both sides of the join.`,
    )
  }
}

/** To insert what has no match, or to find what no source row matches, a MERGE joins outward. */
function checkMerge(merge: Node): void {
  const condition = nodeOf(merge, 'merge_expr')
  if (condition === undefined || condition.kind === 'ResolvedLiteral') return
  if (hasTableSubquery(condition)) refuse('Unsupported subquery with table in join predicate.')
  const matched = 0
  if (nodesOf(merge, 'when_clause_list').every((clause) => numberOf(clause, 'match_type') === matched)) return
  const target = columnsOf(nodeOf(merge, 'table_scan'))
  const source = columnsOf(nodeOf(merge, 'from_scan'))
  if (!conjuncts(condition).some((each) => isEqualityBetween(each, target, source))) {
    refuse(
      'LEFT OUTER JOIN cannot be used without a condition that is an equality of fields from both sides of the join.',
    )
  }
}

function conjuncts(expression: Node): readonly Node[] {
  return functionName(expression) === 'and'
    ? nodesOf(expression, 'argument_list').flatMap(conjuncts)
    : [expression]
}

function functionName(expression: Node): string {
  return nameOf(nodeOf(expression, 'function')).replace(/^ZetaSQL:\$?/, '')
}

function isEqualityBetween(expression: Node, left: ReadonlySet<number>, right: ReadonlySet<number>): boolean {
  if (functionName(expression) !== 'equal') return false
  const [first, second] = nodesOf(expression, 'argument_list').map(referencedColumns)
  if (first === undefined || second === undefined || first.size === 0 || second.size === 0) return false
  const isOf = (columns: ReadonlySet<number>, side: ReadonlySet<number>): boolean =>
    [...columns].every((column) => side.has(column))
  return (isOf(first, left) && isOf(second, right)) || (isOf(first, right) && isOf(second, left))
}

function referencedColumns(expression: Node): ReadonlySet<number> {
  const columns = new Set<number>()
  for (const node of within(expression)) {
    if (node.kind === 'ResolvedColumnRef') columns.add(columnId(nodeOf(node, 'column')))
  }
  return columns
}

/** All columns that a scan and what it reads make. */
function columnsOf(scan: Node | undefined): ReadonlySet<number> {
  const columns = new Set<number>()
  if (scan === undefined) return columns
  for (const node of within(scan)) {
    for (const each of nodesOf(node, 'column_list')) columns.add(columnId(each))
  }
  return columns
}

function columnId(node: Node | undefined): number {
  return node === undefined ? -1 : numberOf(node, 'column_id')
}

// subqueries

function readsTable(node: Node): boolean {
  for (const each of within(node)) {
    if (each.kind === 'ResolvedTableScan' || each.kind === 'ResolvedWithRefScan') return true
  }
  return false
}

function hasTableSubquery(expression: Node): boolean {
  for (const node of within(expression)) {
    const subquery = node.kind === 'ResolvedSubqueryExpr' ? nodeOf(node, 'subquery') : undefined
    if (subquery !== undefined && readsTable(subquery)) return true
  }
  return false
}

/**
 * BigQuery runs a correlated subquery over a table only where it can turn it into a join. Taken for sure: what is
 * correlated stands in filters alone, as equalities of the outer and the inner side (EXISTS and IN may have others beside
 * one), and no LIMIT, window or other set stands between. Anything else is refused here, though BigQuery may know more.
 */
function checkSubquery(expression: Node): void {
  const outer = new Set(nodesOf(expression, 'parameter_list').map((each) => columnId(nodeOf(each, 'column'))))
  const subquery = nodeOf(expression, 'subquery')
  if (outer.size === 0 || subquery === undefined || !readsTable(subquery)) return
  const kind = numberOf(expression, 'subquery_type')
  const exists = 2
  const isSemiJoin = kind >= exists
  if (!isDecorrelated(subquery, outer, isSemiJoin)) {
    refuse(
      'Correlated subqueries that reference other tables are not supported unless they can be de-correlated, such as by ' +
        'transforming them into an efficient JOIN.',
    )
  }
}

const plainScans = new Set([
  ...[
    'ResolvedProjectScan',
    'ResolvedFilterScan',
    'ResolvedAggregateScan',
    'ResolvedTableScan',
    'ResolvedJoinScan',
  ],
  ...[
    'ResolvedWithRefScan',
    'ResolvedOrderByScan',
    'ResolvedArrayScan',
    'ResolvedSingleRowScan',
    'ResolvedWithScan',
  ],
])

function isDecorrelated(subquery: Node, outer: ReadonlySet<number>, isSemiJoin: boolean): boolean {
  let equalities = 0
  let others = 0
  const inFilters = new Set<Node>()
  const inner = columnsOf(subquery)
  for (const node of within(subquery)) {
    if (node.kind.endsWith('Scan') && !plainScans.has(node.kind) && readsOuter(node, outer)) return false
    const filter = node.kind === 'ResolvedFilterScan' ? nodeOf(node, 'filter_expr') : undefined
    if (filter === undefined) continue
    for (const each of conjuncts(filter)) {
      if (!readsOuter(each, outer)) continue
      if (isEqualityBetween(each, outer, inner)) equalities += 1
      else others += 1
      for (const part of within(each)) inFilters.add(part)
    }
  }
  for (const node of within(subquery)) {
    const isOuter = node.kind === 'ResolvedColumnRef' && outer.has(columnId(nodeOf(node, 'column')))
    if (isOuter && !inFilters.has(node) && !isParameter(subquery, node)) return false
  }
  return equalities > 0 && (isSemiJoin || others === 0)
}

/** Subqueries within list what they take from outside too. */
function isParameter(subquery: Node, reference: Node): boolean {
  for (const node of within(subquery)) {
    if (node.kind === 'ResolvedSubqueryExpr' && nodesOf(node, 'parameter_list').includes(reference))
      return true
  }
  return false
}

function readsOuter(node: Node, outer: ReadonlySet<number>): boolean {
  for (const each of within(node)) {
    if (each.kind === 'ResolvedColumnRef' && outer.has(columnId(nodeOf(each, 'column')))) return true
  }
  return false
}
