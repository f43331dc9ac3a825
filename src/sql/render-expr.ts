import type { Dialect, OrderKey, Sql } from '../dialects/dialect.ts'
import { type Expr, type ExprOrder, typeOf } from '../ir/expr.ts'
import { indent } from './templates.ts'

/** Longer `and` and `or` groups go over several lines. */
const lineWidth = 80

/** The expression as SQL, ready to stand anywhere: groups that could bind wrongly have parentheses. */
export function renderExpr(of: Expr, dialect: Dialect): Sql {
  const render = (inner: Expr): Sql => renderExpr(inner, dialect)
  switch (of.kind) {
    case 'column':
      return `${dialect.ident(of.table)}.${dialect.ident(of.name)}`
    case 'text':
      return dialect.text(of.value)
    case 'integer':
      return dialect.integer(of.value)
    case 'number':
      return dialect.number(of.value)
    case 'boolean':
      return dialect.boolean(of.value)
    case 'instant':
      return dialect.timestamp(of.iso)
    case 'null':
      return dialect.nullOf(of.type)
    case 'asOf': {
      const asOf = `(select run.as_of from ${dialect.relation(of.run)} as run)`
      return of.shift === 0 ? asOf : dialect.addSeconds(asOf, of.shift)
    }
    case 'shift':
      return dialect.addSeconds(render(of.of), of.seconds)
    case 'toText':
      return dialect.toText(render(of.of), typeOf(of.of))
    case 'tryNumber':
      return dialect.tryNumber(render(of.of))
    case 'tryTimestamp':
      return dialect.tryTimestamp(render(of.of))
    case 'cast':
      return `cast(${render(of.of)} as ${dialect.typeName(of.type)})`
    case 'exact':
      return dialect.exact(render(of.of))
    case 'lower':
      return dialect.lower(render(of.of))
    case 'compare':
      return `${operand(of.left, dialect)} ${of.comparison} ${operand(of.right, dialect)}`
    case 'in':
      return renderIn(operand(of.of, dialect), of.values.map(render), dialect.limits.listItems)
    case 'part':
      return renderPart(of.how, render(of.text), render(of.part), dialect)
    case 'present':
      return `${operand(of.of, dialect)} is not null`
    case 'absent':
      return `${operand(of.of, dialect)} is null`
    case 'and':
    case 'or':
      return group(of.kind, of.parts, dialect)
    case 'not':
      return `not ${operand(of.of, dialect)}`
    case 'coalesce':
      return `coalesce(${of.parts.map((part) => inCall(part, dialect)).join(', ')})`
    case 'when': {
      const otherwise = of.otherwise === undefined ? '' : ` else ${render(of.otherwise)}`
      return `case when ${oneLine(of.condition, dialect)} then ${render(of.value)}${otherwise} end`
    }
    case 'arithmetic': {
      const [left, right] = [render(of.left), render(of.right)]
      return of.operator === '/' ? dialect.divide(left, right) : `(${left} ${of.operator} ${right})`
    }
    case 'negate':
      return `(- ${render(of.of)})`
    case 'function':
      return `${of.name}(${render(of.of)})`
    case 'round':
      return `round(${render(of.of)}, ${dialect.integer(of.digits)})`
    case 'least':
      return dialect.least(of.parts.map(render))
    case 'greatest':
      return dialect.greatest(of.parts.map(render))
    case 'nullIf':
      return `nullif(${render(of.of)}, ${render(of.unwanted)})`
    case 'countRows':
      return 'count(*)'
    case 'count':
    case 'sum':
      return `${of.kind}(${render(of.of)})`
    case 'min':
      return dialect.min(render(of.of), typeOf(of.of))
    case 'max':
      return `${of.kind}(${inCodePoints(of.of, dialect)})`
    case 'countDistinct':
      return `count(distinct ${render(of.of)})`
    case 'sortedSet':
      return dialect.jsonSortedSet(render(of.of))
    case 'firstBy': {
      const order = orderKeys(of.order, dialect)
      return dialect.firstBy(render(of.of), typeOf(of.of), order, `${render(of.of)} is not null`)
    }
    case 'percentile':
      return dialect.percentile(render(of.of), of.share)
    case 'nextOf':
      return (
        `lead(${render(of.of)}) over (` +
        `partition by ${render(of.per)} order by ${dialect.orderBy(orderKeys(of.order, dialect))})`
      )
    case 'maxOf':
      return `max(${inCodePoints(of.of, dialect)}) over (partition by ${render(of.per)})`
  }
}

function orderKeys(order: readonly ExprOrder[], dialect: Dialect): readonly OrderKey[] {
  return order.map(({ of, descending }) => ({ sql: renderExpr(of, dialect), type: typeOf(of), descending }))
}

/** Texts as the least and greatest are found among them. */
function inCodePoints(of: Expr, dialect: Dialect): Sql {
  const sql = renderExpr(of, dialect)
  return typeOf(of) === 'text' || typeOf(of) === 'list' ? dialect.binaryText(sql) : sql
}

/** As {@link renderExpr}, but a conjunction has no parentheses and one line per part. */
export function renderWhere(of: Expr, dialect: Dialect): Sql {
  return of.kind === 'and'
    ? of.parts.map((part) => renderExpr(part, dialect)).join('\nand ')
    : renderExpr(of, dialect)
}

/** A conjunction without the parentheses that nothing after it needs. */
function oneLine(of: Expr, dialect: Dialect): Sql {
  return of.kind === 'and'
    ? of.parts.map((part) => renderExpr(part, dialect)).join(' and ')
    : renderExpr(of, dialect)
}

function group(kind: 'and' | 'or', parts: readonly Expr[], dialect: Dialect): Sql {
  const rendered = parts.map((part) => renderExpr(part, dialect))
  const line = `(${rendered.join(` ${kind} `)})`
  if (line.length <= lineWidth && !line.includes('\n')) return line
  return `(\n  ${rendered.map((part) => indent(2, part)).join(`\n  ${kind} `)}\n)`
}

/** A truth inside another operator needs parentheses; values do not. */
function operand(of: Expr, dialect: Dialect): Sql {
  const sql = renderExpr(of, dialect)
  switch (of.kind) {
    case 'compare':
    case 'in':
    case 'part':
    case 'present':
    case 'absent':
    case 'not':
      return `(${sql})`
    default:
      return sql
  }
}

/** Commas already keep an argument together. */
function inCall(of: Expr, dialect: Dialect): Sql {
  const sql = renderExpr(of, dialect)
  return (of.kind === 'and' || of.kind === 'or') && !sql.includes('\n') ? sql.slice(1, -1) : sql
}

function renderPart(how: 'contains' | 'starts' | 'ends', text: Sql, part: Sql, dialect: Dialect): Sql {
  switch (how) {
    case 'contains':
      return dialect.containsText(text, part)
    case 'starts':
      return dialect.startsWith(text, part)
    case 'ends':
      return dialect.endsWith(text, part)
  }
}

function renderIn(left: Sql, values: readonly Sql[], most: number): Sql {
  if (values.length <= most) return `${left} in (${values.join(', ')})`
  const lists = Array.from({ length: Math.ceil(values.length / most) }, (_, index) =>
    values.slice(index * most, (index + 1) * most),
  )
  return `(${lists.map((list) => `${left} in (${list.join(', ')})`).join(' or ')})`
}
