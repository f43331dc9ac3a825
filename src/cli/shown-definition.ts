import type { Definitions } from '../definitions/definitions.ts'
import { type DefinitionForm, renderAudience, renderTrait } from '../definitions/render-definition.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { ProblemError, problem } from '../diagnostics/problem.ts'

/**
 * A trait or an audience as a project file that holds it alone.
 *
 * @throws {ProblemError} PSN2075 no such definition, PSN2074 it has no query form
 */
export function definitionAs(
  name: string,
  form: DefinitionForm,
  { traits, audiences }: Pick<Definitions, 'traits' | 'audiences'>,
): string {
  const names = audiences.map((each) => each.name)
  const audience = audiences.find((each) => each.name === name)
  if (audience !== undefined) return renderAudience(audience, form, new Set(names)).trimEnd()
  const trait = traits.find((each) => each.name === name)
  if (trait === undefined) {
    const near = nearest(name, [...names, ...traits.map((each) => each.name)])
    throw new ProblemError([problem('PSN2075', { name, near })])
  }
  const shown = renderTrait(trait, form)
  if (shown === undefined) throw new ProblemError([problem('PSN2074', { name, type: trait.type })])
  return shown.trimEnd()
}
