import type { ServingPlan, Span } from '../../compiler/serving/serving-plan.ts'

/** What a publish is about to send, as files to read: name → text. */
export function servingFiles(plan: ServingPlan, { asOf, since }: Span): ReadonlyMap<string, string> {
  const file = (statements: readonly string[]): string =>
    `${statements.map((sql) => `${sql.trimEnd()};`).join('\n\n')}\n`
  return new Map([
    ...(since === undefined
      ? []
      : ([
          ['candidates', file(plan.candidates({ asOf, since }))],
          ['gone', file([plan.gone('user'), plan.gone('account')])],
        ] as const)),
    ['users', file([plan.rows('user', { asOf, ...(since !== undefined && { since }) })])],
    ['accounts', file([plan.rows('account', { asOf, ...(since !== undefined && { since }) })])],
  ])
}
