import type { FormulaTrait } from '../../definitions/definitions.ts'
import { traitsOf } from '../../definitions/formula.ts'
import { problem } from '../../diagnostics/problem.ts'
import { compare, type Expr } from '../../ir/expr.ts'
import type { CompiledNode } from '../../ir/node.ts'
import type { ValueType } from '../../ir/value-type.ts'
import { shortName } from '../../sql/names.ts'
import { renderExpr } from '../../sql/render-expr.ts'
import { type CompileScope, type Entity, keyColumn, type ProfileKey } from '../compile-scope.ts'
import { definitionNode } from '../compiled-definition.ts'
import { traitsAsComputed } from '../conditions/read-trait.ts'
import { asText } from '../conditions/read-value.ts'
import { type StatementBuilder, statementBuilder } from '../conditions/statement-builder.ts'
import { literalOf } from './fallback.ts'
import { asDouble, compileFormula, noNumber } from './formula-expr.ts'

/** The alias of every step of a formula, so that a value reads the same in whichever it stands. */
const inputs = 'inputs'

/** A number computed from traits of the same profile; no row where it is NULL. */
export function compileFormulaTrait(trait: FormulaTrait, scope: CompileScope): CompiledNode {
  const { dialect, templates } = scope
  const statement = statementBuilder(scope)
  const { entity } = trait
  const key = keyColumn(entity)
  const own = scope.trait(entity, trait.name)
  const relation = own?.relation ?? statement.work(`trait_${trait.name}`)
  const name = own?.column ?? trait.name
  const { value: computed, from } = formulaSteps(statement, trait)
  const literal = trait.fallback && literalOf(trait.fallback.value, 'number')
  const value: Expr = literal === undefined ? computed : { kind: 'coalesce', parts: [computed, literal] }
  const select = templates.render('formula-trait', {
    steps: statement.steps,
    key: dialect.ident(key),
    value: renderExpr(value, dialect),
    name: dialect.ident(name),
    from: dialect.ident(from),
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

interface Column {
  readonly of: Expr
  readonly name: string
}

/** Reads the traits in one step, and puts each value that is rounded into a step after it. */
function formulaSteps(statement: StatementBuilder, trait: FormulaTrait): { value: Expr; from: string } {
  const { entity, expressionSpan: span, formula } = trait
  const key = keyColumn(entity)
  const profiles = profilesOf(entity)
  const base: Expr = { kind: 'column', table: profiles, name: key, type: 'text' }
  const references = traitsOf(formula).map((name) => ({ trait: name, span }))
  const keyOf = (column: ProfileKey): Expr =>
    column === 'profile_number' ? { kind: 'column', table: profiles, name: 'arrival', type: 'integer' } : base
  const isKnown: Expr = { kind: 'column', table: profiles, name: 'known', type: 'boolean' }
  const traits = traitsAsComputed(statement, entity, keyOf, references, isKnown)
  const read = new Map<string, Column>()
  const hoisted: Column[] = []
  const value = compileFormula(formula, {
    trait(name, as) {
      const of = traits.read(name, span)
      if (of === undefined) return noNumber
      const column = as === 'number' ? name : shortName(statement.scope.dialect, `${name}__text`)
      read.set(column, { of: as === 'number' ? asDouble(of) : asText(of), name: column })
      return inputColumn(column, as)
    },
    hoist(of) {
      const name = `to_round_${hoisted.length + 1}`
      hoisted.push({ of, name })
      return inputColumn(name, 'number')
    },
    digitsUnknown: () => statement.report(problem('PSN3106', { trait: trait.name }, span)),
  })
  statement.read(`identity.${profiles}`)
  // Every profile ever created is in `profiles`; those that were merged away have no traits.
  const live = compare('=', { kind: 'column', table: profiles, name: 'segment_id', type: 'text' }, base)
  let from = statement.step('traits_read', {
    columns: [{ of: base, name: key }, ...read.values()],
    from: { kind: 'relation', relation: statement.work(profiles), alias: profiles },
    joins: traits.joins,
    ...(entity === 'user' && { where: live }),
  })
  const carried = [key, ...read.keys()].map((name) => ({ of: inputColumn(name, 'number'), name }))
  for (const column of hoisted) {
    from = statement.step(column.name.replace('to_round', 'before_round'), {
      columns: [...carried, column],
      from: { kind: 'step', name: from, alias: inputs },
      joins: [],
    })
    carried.push({ of: inputColumn(column.name, 'number'), name: column.name })
  }
  return { value, from }
}

function profilesOf(entity: Entity): 'profiles' | 'accounts' {
  return entity === 'user' ? 'profiles' : 'accounts'
}

function inputColumn(name: string, type: ValueType): Expr {
  return { kind: 'column', table: inputs, name, type }
}
