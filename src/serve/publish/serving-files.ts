import type { ServingPlan, Span } from '../../compiler/serving/serving-plan.ts'
import type { Entity } from '../../definitions/definitions.ts'

/** What a publish is about to send, as files to read: name → text. Of several slices the first: the others differ in its number. */
export function servingFiles(
  plan: ServingPlan,
  span: Span,
  slices: Readonly<Record<Entity, number>>,
): ReadonlyMap<string, string> {
  const { asOf, since } = span
  const file = (statements: readonly string[]): string =>
    `${statements.map((sql) => `${sql.trimEnd()};`).join('\n\n')}\n`
  return new Map([
    ...(since === undefined
      ? []
      : ([
          ['candidates', file(plan.candidates({ asOf, since }))],
          ['gone', file([plan.gone('user'), plan.gone('account')])],
        ] as const)),
    ...(['user', 'account'] as const).map(
      (entity) => [`${entity}s`, file([plan.rows(entity, span, { index: 0, of: slices[entity] })])] as const,
    ),
  ])
}
