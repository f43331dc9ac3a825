import type { EventTrait, FormulaTrait } from '../../definitions/definitions.ts'
import type { CompiledNode } from '../../ir/node.ts'
import type { CompileScope } from '../compile-scope.ts'
import { compileEventTrait } from './event-trait.ts'
import { compileFormulaTrait } from './formula-trait.ts'

/** The node that computes a trait: a row per profile that has a value. */
export function compileTrait(trait: EventTrait | FormulaTrait, scope: CompileScope): CompiledNode {
  return trait.type === 'formula' ? compileFormulaTrait(trait, scope) : compileEventTrait(trait, scope)
}
