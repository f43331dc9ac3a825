import type { Audience } from '../../definitions/definitions.ts'
import { and, type Expr } from '../../ir/expr.ts'
import type { CompiledNode } from '../../ir/node.ts'
import { renderExpr, renderWhere } from '../../sql/render-expr.ts'
import { renderFrom, renderJoin } from '../../sql/render-select.ts'
import { indent } from '../../sql/templates.ts'
import { type CompileScope, keyColumn } from '../compile-scope.ts'
import { definitionNode } from '../compiled-definition.ts'
import { compileCondition } from '../conditions/condition.ts'
import type { Judged } from '../conditions/judged.ts'
import { statementBuilder } from '../conditions/statement-builder.ts'
import { judgesKnownOnly } from '../scans/measure.ts'

/**
 * The node that finds an audience's members: every eligible profile, with what its conditions count beside it.
 * Accounts are all eligible, whoever their users are.
 */
export function compileAudience(audience: Audience, scope: CompileScope): CompiledNode {
  const { dialect, templates } = scope
  const statement = statementBuilder(scope)
  const { entity } = audience
  const profile = `${entity}_profiles`
  const key: Expr = { kind: 'column', table: profile, name: keyColumn(entity), type: 'text' }
  const known: Expr = { kind: 'column', table: profile, name: 'known', type: 'boolean' }
  statement.read(`profiles.${profile}`)
  const judged: Judged = { entity, key, profile, knownOnly: judgesKnownOnly(audience), joins: [] }
  const holds = compileCondition(statement, judged, audience.match)
  const where = and([...(entity === 'user' && !audience.includeAnonymous ? [known] : []), holds])
  const always = where.kind === 'boolean' && where.value
  const relation = scope.audience(audience.name)?.relation ?? statement.work(`audience_${audience.name}`)
  const select = templates.render('audience', {
    steps: statement.steps,
    key: renderExpr(key, dialect),
    from: renderFrom({ kind: 'relation', relation: statement.work(profile), alias: profile }, dialect),
    joins: judged.joins.map((join) => renderJoin(join, dialect)),
    where: always ? '' : indent(2, renderWhere(where, dialect)),
  })
  return definitionNode('audience', audience, statement, {
    relation,
    columns: [{ name: keyColumn(entity), type: 'text' }],
    select,
  })
}
