import type { Definition } from '../definitions/definitions.ts'
import type { Sql } from '../dialects/dialect.ts'
import type { CompiledNode, NodeColumn } from '../ir/node.ts'
import type { Relation } from '../ir/relation.ts'
import type { StatementBuilder } from './conditions/statement-builder.ts'
import { header, steps } from './header.ts'

/** What a definition carries into its node. */
export function carried({
  description,
  owner,
  tags,
  meta,
  span,
}: Definition): Pick<CompiledNode, 'origin' | 'description' | 'owner' | 'tags' | 'meta'> {
  return {
    origin: { file: span.file, line: span.line },
    ...(description !== undefined && { description }),
    ...(owner !== undefined && { owner }),
    tags,
    meta,
  }
}

/** The node of a trait or an audience: one table, replaced by one select. */
export function definitionNode(
  type: 'trait' | 'audience',
  definition: Definition,
  statement: StatementBuilder,
  { relation, columns, select }: { relation: Relation; columns: readonly NodeColumn[]; select: Sql },
): CompiledNode {
  const { name, span } = definition
  const origin = { file: span.file, line: span.line }
  return {
    id: `${type}.${name}`,
    type,
    name,
    ...carried(definition),
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
