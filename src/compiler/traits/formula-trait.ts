import type { FormulaTrait } from '../../definitions/definitions.ts'
import { type Formula, traitsOf } from '../../definitions/formula.ts'
import { problem } from '../../diagnostics/problem.ts'
import { compare, type Expr, typeOf } from '../../ir/expr.ts'
import type { CompiledNode } from '../../ir/node.ts'
import { renderExpr } from '../../sql/render-expr.ts'
import { renderFrom, renderJoin } from '../../sql/render-select.ts'
import { indent } from '../../sql/templates.ts'
import { type CompileScope, keyColumn } from '../compile-scope.ts'
import { definitionNode } from '../compiled-definition.ts'
import { type TraitReader, traitsAsComputed } from '../conditions/read-trait.ts'
import { asNumber, asText } from '../conditions/read-value.ts'
import { statementBuilder } from '../conditions/statement-builder.ts'

const noNumber: Expr = { kind: 'null', type: 'number' }

/** A number computed from traits of the same profile; no row where it is NULL. */
export function compileFormulaTrait(trait: FormulaTrait, scope: CompileScope): CompiledNode {
  const { dialect, templates } = scope
  const statement = statementBuilder(scope)
  const { entity, formula, expressionSpan: span } = trait
  const key = keyColumn(entity)
  const own = scope.trait(entity, trait.name)
  const relation = own?.relation ?? statement.work(`trait_${trait.name}`)
  const name = own?.column ?? trait.name
  const profiles = entity === 'user' ? 'profiles' : 'accounts'
  statement.read(`identity.${profiles}`)
  const column = (columnName: string): Expr => ({
    kind: 'column',
    table: profiles,
    name: columnName,
    type: 'text',
  })
  const references = traitsOf(formula).map((read) => ({ trait: read, span }))
  const traits = traitsAsComputed(statement, entity, column(key), references)
  const round = (): void => statement.report(problem('PSN3106', { trait: trait.name }, span))
  const value = asDouble(compileFormula(formula, { traits, trait, digitsUnknown: round }))
  // Every profile ever created is in `profiles`; those that were merged away have no traits.
  const live = compare('=', column('segment_id'), column(key))
  const select = templates.render('formula-trait', {
    key: renderExpr(column(key), dialect),
    plainKey: dialect.ident(key),
    value: indent(2, renderExpr(value, dialect)),
    name: dialect.ident(name),
    from: renderFrom({ kind: 'relation', relation: statement.work(profiles), alias: profiles }, dialect),
    joins: traits.joins.map((join) => renderJoin(join, dialect)),
    where: entity === 'user' ? renderExpr(live, dialect) : '',
  })
  return definitionNode('trait', trait, statement, {
    relation,
    columns: [
      { name: key, type: 'text' },
      { name, type: 'number' },
    ],
    select,
  })
}

interface FormulaScope {
  readonly traits: TraitReader
  readonly trait: FormulaTrait
  digitsUnknown(): void
}

/** Text stays text only where the formula compares it with text or falls back to it. */
function compileFormula(formula: Formula, scope: FormulaScope): Expr {
  const compile = (part: Formula): Expr => compileFormula(part, scope)
  const double = (part: Formula): Expr => asDouble(compile(part))
  switch (formula.kind) {
    case 'number':
      return { kind: 'number', value: formula.value }
    case 'text':
      return { kind: 'text', value: formula.value }
    case 'trait':
      return scope.traits.read(formula.trait, scope.trait.expressionSpan) ?? noNumber
    case 'negate':
      return { kind: 'negate', of: double(formula.operand) }
    case 'arithmetic':
      return {
        kind: 'arithmetic',
        operator: formula.operator,
        left: double(formula.left),
        right: double(formula.right),
      }
    case 'call':
      return compileCall(formula, scope)
  }
}

function compileCall(call: Extract<Formula, { kind: 'call' }>, scope: FormulaScope): Expr {
  const parts = call.arguments.map((part) => compileFormula(part, scope))
  const [first = noNumber, second] = parts
  const textual = call.arguments.some(isTextual)
  switch (call.function) {
    case 'coalesce':
      return { kind: 'coalesce', parts: parts.map(textual ? asText : asDouble) }
    case 'nullif':
      return {
        kind: 'nullIf',
        of: textual ? asText(first) : asDouble(first),
        unwanted: textual ? asText(second ?? noNumber) : asDouble(second ?? noNumber),
      }
    case 'abs':
    case 'floor':
    case 'ceil':
      return { kind: 'function', name: call.function, of: asDouble(first) }
    case 'least':
    case 'greatest':
      return { kind: call.function, parts: parts.map(asDouble) }
    case 'round': {
      const digits = second === undefined ? 0 : second.kind === 'number' ? second.value : -1
      if (!Number.isInteger(digits) || digits < 0 || digits > 9) {
        scope.digitsUnknown()
        return noNumber
      }
      const value = asDouble(first)
      const rounded: Expr = { kind: 'round', of: { kind: 'exact', of: value }, digits }
      // Too large for a decimal is too large to have digits after the point.
      return { kind: 'coalesce', parts: [{ kind: 'cast', of: rounded, type: 'number' }, value] }
    }
  }
}

/** True where a text literal decides how the value is read. */
function isTextual(formula: Formula): boolean {
  return (
    formula.kind === 'text' ||
    (formula.kind === 'call' &&
      (formula.function === 'coalesce' || formula.function === 'nullif') &&
      formula.arguments.some(isTextual))
  )
}

function asDouble(of: Expr): Expr {
  if (of.kind === 'text') return asNumberLiteral(of)
  switch (typeOf(of)) {
    case 'number':
      return of
    case 'integer':
      return { kind: 'cast', of, type: 'number' }
    case 'text':
    case 'list':
      return asNumber(of) ?? noNumber
    case 'boolean':
    case 'timestamp':
      return noNumber
  }
}

function asNumberLiteral(of: Expr): Expr {
  const read = asNumber(of)
  if (read?.kind === 'integer') return { kind: 'number', value: Number(read.value) }
  return read ?? noNumber
}
