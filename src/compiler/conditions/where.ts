import type { Operand, PropertyCondition, Test } from '../../definitions/conditions.ts'
import { and, compare, type Expr, not, or } from '../../ir/expr.ts'
import { aliasOf, type Join } from '../../ir/select.ts'
import { plainName } from '../../sql/names.ts'
import { asksElements, type EventRows, eventProperty, rowColumn, wholePath } from './event-rows.ts'
import { compileFollowed } from './followed.ts'
import type { PropertyLeaf, TraitLeaf } from './operands.ts'
import { compileRelated } from './related.ts'
import type { StatementBuilder } from './statement-builder.ts'
import { asksAbsence, compileTests, type TestScope } from './test.ts'

type ColumnOperand = Extract<Operand, { kind: 'column' }>

/** Which rows count: what to join beside them, and the truth to ask. */
export interface CompiledWhere {
  readonly joins: readonly Join[]
  readonly where: Expr
}

const element: Expr = { kind: 'column', table: 'items', name: 'element', type: 'text' }

/** All conditions on the rows of an event; the result may be NULL, which counts as false. */
export function compileWhere(
  statement: StatementBuilder,
  rows: EventRows,
  conditions: readonly PropertyCondition[],
): CompiledWhere {
  const joins: Join[] = []
  const compile = (condition: PropertyCondition): Expr => {
    switch (condition.kind) {
      case 'all':
        return and(condition.conditions.map(compile))
      case 'any':
        return or(condition.conditions.map(compile))
      case 'not':
        return not(compile(condition.condition))
      case 'property':
      case 'context':
        return compileLeaf(condition)
      case 'trait':
        return compileTrait(condition)
      case 'column':
        return compileTests(rowColumn(rows.event, condition.column), condition.tests, testScope)
      case 'related': {
        const { join, holds } = compileRelated(statement, rows, condition, compileWhere)
        if (!joins.some((known) => aliasOf(known.item) === aliasOf(join.item))) joins.push(join)
        return holds
      }
      case 'followed': {
        const { join, holds } = compileFollowed(statement, rows, condition, compileWhere)
        if (!joins.some((known) => aliasOf(known.item) === aliasOf(join.item))) joins.push(join)
        return holds
      }
    }
  }
  const compileLeaf = (leaf: PropertyLeaf): Expr => {
    const value = eventProperty(statement, rows.event, leaf.kind, leaf.path, leaf.pathSpan)
    if (value === undefined || !asksElements(leaf.path)) return compileTests(value, leaf.tests, testScope)
    return and([
      ...(leaf.tests.some((test) => !asksAbsence(test)) ? [someElement(leaf, value)] : []),
      ...leaf.tests
        .filter(asksAbsence)
        .map((test) => not(someElement({ ...leaf, tests: [exists(test)] }, value))),
    ])
  }
  const compileTrait = ({ trait, traitSpan, tests }: TraitLeaf): Expr =>
    compileTests(rows.reference({ kind: 'trait', trait, span: traitSpan }), tests, testScope)
  const testScope: TestScope = {
    run: statement.run,
    reference(of) {
      if (of.kind === 'property')
        return eventProperty(statement, rows.event, 'property', of.property, of.span)
      return of.kind === 'column' ? columnOf(rows, of) : rows.reference(of)
    },
  }

  /** Rows with an element that passes, found in a step of their own: not every warehouse takes a correlated `exists`. */
  const someElement = (leaf: PropertyLeaf, value: Expr): Expr => {
    const tests = leaf.tests.filter((test) => !asksAbsence(test))
    const named = tests.filter((test) => test.operator !== 'exists')
    const where = compileTests(element, named, testScope)
    if (where.kind === 'boolean' && !where.value) return where
    const step = statement.step(`${rows.event.alias}_with_${plainName(wholePath(leaf.path))}`, {
      distinct: true,
      columns: rows.keys,
      from: rows.from,
      joins: [
        ...rows.joins,
        { kind: 'cross', item: { kind: 'elements', of: textOf(value), alias: 'items' } },
      ],
      where,
    })
    const keyOf = (name: string): Expr => ({ kind: 'column', table: step, name, type: 'integer' })
    const on = and(rows.keys.map((key) => compare('=', keyOf(key.name), key.of)))
    if (!joins.some((join) => join.item.kind === 'step' && join.item.name === step))
      joins.push({ kind: 'left', item: { kind: 'step', name: step }, on })
    return { kind: 'present', of: keyOf(rows.keys[0]?.name ?? 'arrival') }
  }
  const where = and(conditions.map(compile))
  return { joins, where }
}

/** Of the row itself, or of one above it. */
function columnOf({ event, above = [] }: EventRows, { column, of }: ColumnOperand): Expr | undefined {
  const row = of === undefined ? event : [event, ...above].find(({ name }) => name === of)
  return row && rowColumn(row, column)
}

function textOf(value: Expr): Expr {
  return value.kind === 'column' && (value.type === 'text' || value.type === 'list')
    ? value
    : { kind: 'toText', of: value }
}

/** The opposite of `exists: false`. */
function exists(test: Test): Test {
  return { ...test, operand: { kind: 'literal', value: true } }
}
