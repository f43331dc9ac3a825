import { and, compare, type Expr } from '../../ir/expr.ts'
import type { FromItem } from '../../ir/select.ts'
import { shortName } from '../../sql/names.ts'
import { type Entity, eventKey, keyType } from '../compile-scope.ts'
import type { StatementBuilder } from '../conditions/statement-builder.ts'
import { aggregate, mostFrequent } from './aggregate.ts'
import type { ScanColumn } from './plan-scans.ts'
import type { Branch, MeasuredColumn } from './scan-rows.ts'

/** Rows grouped by profile. */
export interface Part {
  readonly name: string
  /** The step that is grouped. */
  readonly from: FromItem
  readonly key: Expr
  readonly groupBy: readonly Expr[]
  readonly columns: readonly { readonly of: Expr; readonly column: ScanColumn }[]
}

/** Adds the step of a part: a row per profile or account. */
export function groupedStep(statement: StatementBuilder, entity: Entity, part: Part): string {
  return statement.step(part.name, {
    columns: [
      { of: part.key, name: eventKey(entity) },
      ...part.columns.map(({ of, column }) => ({ of, name: column.column })),
    ],
    from: part.from,
    joins: [],
    groupBy: part.groupBy,
  })
}

function branchRows({ table, step }: Branch): FromItem {
  return step === undefined || step === table
    ? { kind: 'step', name: table }
    : { kind: 'step', name: step, alias: table }
}

/** What is grouped of a shape's rows: first all profiles that have any, with what one aggregate gives. */
export function partsOf(statement: StatementBuilder, entity: Entity, branch: Branch): readonly Part[] {
  const per = entity === 'user' ? 'by_profile' : 'by_account'
  const counted = branch.measured.filter(({ column }) => column.type === 'most_frequent')
  const direct = branch.measured.filter((measured) => !counted.includes(measured))
  return [
    {
      name: shortName(statement.scope.dialect, `${branch.table.replace(/_rows$/, '')}_${per}`),
      from: branchRows(branch),
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
    ...counted.map((measured) => mostFrequentPart(statement, entity, branch, measured)),
  ]
}

/** An audience sees to it by itself that it judges known users only. */
function ofKnownOnly({ knownOnly, audience }: ScanColumn): boolean {
  return knownOnly && audience === undefined
}

/** Each value of a profile with how often it occurs, then the most frequent one. */
function mostFrequentPart(
  statement: StatementBuilder,
  entity: Entity,
  branch: Branch,
  { column, rows }: MeasuredColumn,
): Part {
  const { dialect } = statement.scope
  const key = eventKey(entity)
  const value = rows.value ?? { kind: 'null', type: 'text' }
  const step = statement.step(`values_of_${column.column}`, {
    columns: [
      { of: branch.key, name: key },
      { of: value, name: 'value' },
      { of: { kind: 'countRows' }, name: 'occurrences' },
    ],
    from: branchRows(branch),
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
    name: shortName(dialect, `${column.column}_by_${entity === 'user' ? 'profile' : 'account'}`),
    from: { kind: 'step', name: step },
    key: read(key, keyType(key)),
    groupBy: [read(key, keyType(key))],
    columns: [{ column, of: mostFrequent(read('value', 'text'), read('occurrences', 'integer')) }],
  }
}
