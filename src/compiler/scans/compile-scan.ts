import type { CompiledNode } from '../../ir/node.ts'
import type { Relation } from '../../ir/relation.ts'
import { shortName } from '../../sql/names.ts'
import { renderExpr } from '../../sql/render-expr.ts'
import { renderFrom } from '../../sql/render-select.ts'
import { type CompileScope, eventKey, keyType } from '../compile-scope.ts'
import { statementBuilder } from '../conditions/statement-builder.ts'
import { work } from '../context.ts'
import { header, steps } from '../header.ts'
import { measureType, typesOf } from './measure.ts'
import { groupedStep, type Part, partsOf } from './parts.ts'
import { type Scan, scanNode } from './plan-scans.ts'
import { scanRows } from './scan-rows.ts'

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
  const key = eventKey(scan.entity)
  const parts = neededParts(
    scanRows(statement, scan).flatMap((branch) => partsOf(statement, scan.entity, branch)),
  )
  const [base, ...beside] = parts
  if (base === undefined) throw new Error(`scan ${scan.name} measures nothing`)
  const single = beside.length === 0
  for (const part of single ? [] : parts) groupedStep(statement, scan.entity, part)
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
    from: single ? renderFrom(base.from, dialect) : dialect.ident(base.name),
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
    description: `All that is aggregated of ${scan.ofRows ? `rows of ${scan.event}` : scan.event} for ${scan.entity}s.`,
    tags: [],
    meta: {},
    dependsOn: [...statement.reads].sort(),
    relation,
    columns: [
      { name: key, type: keyType(key) },
      ...scan.columns.map((column) => ({
        name: column.column,
        type: measureType(column, typesOf(scope)),
      })),
    ],
    steps: steps(scan.name, header('scan', scan.name), dialect.createTableAs(relation, select.trimEnd())),
  }
}

/** The first has every profile; it is needed for that alone where others stand beside it. */
function neededParts([first, ...others]: readonly Part[]): readonly Part[] {
  const beside = others.filter(({ columns }) => columns.length > 0)
  if (first === undefined) return []
  return first.columns.length === 0 && beside.length === 1 ? beside : [first, ...beside]
}
