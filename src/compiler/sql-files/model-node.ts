import type { Model } from '../../definitions/definitions.ts'
import type { CompiledNode, NodeColumn } from '../../ir/node.ts'
import { shortName } from '../../sql/names.ts'
import { type Context, work } from '../context.ts'
import { header, steps } from '../header.ts'
import type { RenderedSql } from './render-sql-file.ts'

/** A model's rows as a working table, `model_<name>`. */
export function modelNode(
  context: Context,
  model: Model,
  rendered: RenderedSql,
  columns: readonly NodeColumn[],
  dependsOn: readonly string[],
): CompiledNode {
  const relation = work(context, shortName(context.dialect, `model_${model.name}`))
  const origin = { file: model.file, line: 1 }
  return {
    id: `model.${model.name}`,
    type: 'model',
    name: model.name,
    origin,
    ...(model.description !== undefined && { description: model.description }),
    ...(model.owner !== undefined && { owner: model.owner }),
    tags: model.tags,
    meta: model.meta,
    dependsOn: [...dependsOn, ...rendered.refs.map((ref) => ref.node)].sort(),
    relation,
    columns,
    steps: steps(
      model.name,
      header('model', model.name, origin),
      context.dialect.createTableAs(relation, rendered.sql),
    ),
  }
}
