import { and, compare, type Expr } from '../../ir/expr.ts'
import type { CompiledNode } from '../../ir/node.ts'
import type { Relation } from '../../ir/relation.ts'
import { shortName } from '../../sql/names.ts'
import { renderExpr } from '../../sql/render-expr.ts'
import { type CompileScope, keyColumn } from '../compile-scope.ts'
import { type StatementBuilder, statementBuilder } from '../conditions/statement-builder.ts'
import { work } from '../context.ts'
import { header, steps } from '../header.ts'
import { aggregate, mostFrequent } from './aggregate.ts'
import { measureType } from './measure.ts'
import { type Scan, type ScanColumn, scanNode } from './plan-scans.ts'
import { type Branch, type MeasuredColumn, scanRows } from './scan-rows.ts'

/** The relation a scan writes. */
export function scanRelation(
  scope: Pick<CompileScope, 'workSchema' | 'dialect'>,
  { name }: Pick<Scan, 'name'>,
): Relation {
  return work(scope, shortName(scope.dialect, `scan_${name}`))
}

/**
 * The node that runs a scan: one pass over the rows of its event, one row per profile or account that has any, a column
 * per measure. What needs rows of another shape (elements of an array, values counted first) is joined at the end.
 */
export function compileScan(scan: Scan, scope: CompileScope): CompiledNode {
  const { dialect, templates } = scope
  const statement = statementBuilder(scope)
  const relation = scanRelation(scope, scan)
  const key = keyColumn(scan.entity)
  const parts = neededParts(scanRows(statement, scan).flatMap((branch) => partsOf(statement, scan, branch)))
  const [base, ...beside] = parts
  if (base === undefined) throw new Error(`scan ${scan.name} measures nothing`)
  const single = beside.length === 0
  for (const part of single ? [] : parts) {
    statement.step(part.name, {
      columns: [
        { of: part.key, name: key },
        ...part.columns.map(({ of, column }) => ({ of, name: column.column })),
      ],
      from: { kind: 'step', name: part.rows },
      joins: [],
      groupBy: part.groupBy,
    })
  }
  const columnOf = (part: Part, name: string): string => `${dialect.ident(part.name)}.${dialect.ident(name)}`
  const inOrder = new Map(
    parts.flatMap((part) =>
      part.columns.map(({ column, of }) => [
        column,
        single ? renderExpr(of, dialect) : columnOf(part, column.column),
      ]),
    ),
  )
  const select = templates.render('scan', {
    steps: statement.steps,
    key: single ? renderExpr(base.key, dialect) : columnOf(base, key),
    columns: scan.columns.map((column) => ({
      sql: inOrder.get(column) ?? '',
      name: dialect.ident(column.column),
      audience: column.audience ?? '',
      named: single || dialect.ident(column.column) !== column.column,
    })),
    from: dialect.ident(single ? base.rows : base.name),
    joins: beside.map((part) => ({
      name: dialect.ident(part.name),
      on: `${columnOf(part, key)} = ${columnOf(base, key)}`,
    })),
    groupBy: single && base.groupBy.map((of) => renderExpr(of, dialect)).join(', '),
  })
  return {
    id: scanNode(scan),
    type: 'scan',
    name: scan.name,
    description: `All that is aggregated of ${scan.event} for ${scan.entity}s.`,
    tags: [],
    meta: {},
    dependsOn: [...statement.reads].sort(),
    relation,
    columns: [
      { name: key, type: 'text' },
      ...scan.columns.map((column) => ({
        name: column.column,
        type: measureType(column, scope.event(scan.event)),
      })),
    ],
    steps: steps(scan.name, header('scan', scan.name), dialect.createTableAs(relation, select.trimEnd())),
  }
}

/** Rows grouped by profile. */
interface Part {
  readonly name: string
  /** The step that is grouped. */
  readonly rows: string
  readonly key: Expr
  readonly groupBy: readonly Expr[]
  readonly columns: readonly { readonly of: Expr; readonly column: ScanColumn }[]
}

/** The first has every profile; it is needed for that alone where others stand beside it. */
function neededParts([first, ...others]: readonly Part[]): readonly Part[] {
  const beside = others.filter(({ columns }) => columns.length > 0)
  if (first === undefined) return []
  return first.columns.length === 0 && beside.length === 1 ? beside : [first, ...beside]
}

/** What is grouped of a shape's rows: first all profiles that have any, with what one aggregate gives. */
function partsOf(statement: StatementBuilder, scan: Scan, branch: Branch): readonly Part[] {
  const per = scan.entity === 'user' ? 'by_profile' : 'by_account'
  const counted = branch.measured.filter(({ column }) => column.type === 'most_frequent')
  const direct = branch.measured.filter((measured) => !counted.includes(measured))
  return [
    {
      name: shortName(statement.scope.dialect, `${branch.table.replace(/_rows$/, '')}_${per}`),
      rows: branch.table,
      key: branch.key,
      // All rows of a profile agree on it.
      groupBy: [branch.key, ...(branch.known === undefined ? [] : [branch.known])],
      columns: direct.map(({ column, rows }) => {
        const of = aggregate(column, rows)
        return ofKnownOnly(column) && branch.known !== undefined
          ? { column, of: { kind: 'when', condition: branch.known, value: of } }
          : { column, of }
      }),
    },
    ...counted.map((measured) => mostFrequentPart(statement, scan, branch, measured)),
  ]
}

/** An audience sees to it by itself that it judges known users only. */
function ofKnownOnly({ knownOnly, audience }: ScanColumn): boolean {
  return knownOnly && audience === undefined
}

/** Each value of a profile with how often it occurs, then the most frequent one. */
function mostFrequentPart(
  statement: StatementBuilder,
  scan: Scan,
  branch: Branch,
  { column, rows }: MeasuredColumn,
): Part {
  const { dialect } = statement.scope
  const key = keyColumn(scan.entity)
  const value = rows.value ?? { kind: 'null', type: 'text' }
  const step = statement.step(`values_of_${column.column}`, {
    columns: [
      { of: branch.key, name: key },
      { of: value, name: 'value' },
      { of: { kind: 'countRows' }, name: 'occurrences' },
    ],
    from: { kind: 'step', name: branch.table },
    joins: [],
    where: and([
      ...(ofKnownOnly(column) && branch.known !== undefined ? [branch.known] : []),
      rows.counts,
      { kind: 'present', of: value },
    ]),
    groupBy: [branch.key, value],
    having: compare('>=', { kind: 'countRows' }, { kind: 'integer', value: column.minFrequency }),
  })
  const read = (name: string, type: 'text' | 'integer'): Expr => ({ kind: 'column', table: step, name, type })
  return {
    name: shortName(dialect, `${column.column}_by_${scan.entity === 'user' ? 'profile' : 'account'}`),
    rows: step,
    key: read(key, 'text'),
    groupBy: [read(key, 'text')],
    columns: [{ column, of: mostFrequent(read('value', 'text'), read('occurrences', 'integer')) }],
  }
}
