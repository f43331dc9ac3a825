import type { Definition } from '../definitions/definitions.ts'
import type { Sql } from '../dialects/dialect.ts'
import type { CompiledNode, NodeColumn } from '../ir/node.ts'
import type { Relation } from '../ir/relation.ts'
import type { StatementBuilder } from './conditions/statement-builder.ts'
import { header, steps } from './header.ts'

/** The node of a trait or an audience: one table, replaced by one select. */
export function definitionNode(
  type: 'trait' | 'audience',
  definition: Definition,
  statement: StatementBuilder,
  { relation, columns, select }: { relation: Relation; columns: readonly NodeColumn[]; select: Sql },
): CompiledNode {
  const { name, description, owner, tags, meta, span } = definition
  const origin = { file: span.file, line: span.line }
  return {
    id: `${type}.${name}`,
    type,
    name,
    origin,
    ...(description !== undefined && { description }),
    ...(owner !== undefined && { owner }),
    tags,
    meta,
    dependsOn: [...statement.reads].sort(),
    ...(statement.computedIn.size > 0 && { computedIn: [...statement.computedIn].sort() }),
    relation,
    columns,
    steps: steps(
      name,
      header(type, name, origin),
      statement.scope.dialect.createTableAs(relation, select.trimEnd()),
    ),
  }
}
