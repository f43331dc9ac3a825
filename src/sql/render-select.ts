import type { Dialect, Sql } from '../dialects/dialect.ts'
import type { FromItem, Join, Select, SelectColumn } from '../ir/select.ts'
import { renderExpr, renderWhere } from './render-expr.ts'
import { indent } from './templates.ts'

/** A column a line, one join a line, one condition a line. */
export function renderSelect(select: Select, dialect: Dialect): Sql {
  const lines = [
    select.distinct === true ? 'select distinct' : 'select',
    `  ${[
      ...(select.allOf === undefined ? [] : [`${dialect.ident(select.allOf)}.*`]),
      ...renderColumns(select.columns, dialect).map(nested),
    ].join(',\n  ')}`,
    `from ${renderFrom(select.from, dialect)}`,
    ...select.joins.map((join) => renderJoin(join, dialect)),
  ]
  if (select.where !== undefined && !(select.where.kind === 'boolean' && select.where.value))
    lines.push(`where ${nested(renderWhere(select.where, dialect))}`)
  const [firstKey, ...moreKeys] = (select.groupBy ?? []).map((key) => renderExpr(key, dialect))
  if (firstKey !== undefined) {
    lines.push(
      moreKeys.length === 0 ? `group by ${firstKey}` : `group by\n  ${[firstKey, ...moreKeys].join(',\n  ')}`,
    )
  }
  if (select.having !== undefined) lines.push(`having ${nested(renderWhere(select.having, dialect))}`)
  return lines.join('\n')
}

/** `table.column`, or `expression as name` where the name is another. */
function renderColumns(columns: readonly SelectColumn[], dialect: Dialect): readonly Sql[] {
  return columns.map(({ of, name }) => {
    const sql = renderExpr(of, dialect)
    return of.kind === 'column' && of.name === name ? sql : `${sql} as ${dialect.ident(name)}`
  })
}

export function renderFrom(item: FromItem, dialect: Dialect): Sql {
  switch (item.kind) {
    case 'relation':
      return `${dialect.relation(item.relation)} as ${dialect.ident(item.alias)}`
    case 'step':
      return item.alias === undefined
        ? dialect.ident(item.name)
        : `${dialect.ident(item.name)} as ${dialect.ident(item.alias)}`
    case 'elements':
      return dialect.jsonElements(renderExpr(item.of, dialect), item.alias)
  }
}

export function renderJoin(join: Join, dialect: Dialect): Sql {
  const item = renderFrom(join.item, dialect)
  if (join.kind === 'cross') return `cross join ${item}`
  return `${join.kind} join ${item}\n  on ${nested(renderWhere(join.on, dialect))}`
}

function nested(sql: Sql): Sql {
  return indent(2, sql)
}
