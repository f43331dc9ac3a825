import fc from 'fast-check'
import type { Raw } from '../reference/definitions/conditions.ts'
import type { Kind } from '../reference/definitions/values.ts'
import { kinds } from './world-arbitraries.ts'

export const durations = ['1m', '1h', '1d', '2d', '3d']
export const duration = fc.constantFrom(...durations)
const scalar = fc.oneof(kinds.text, kinds.number, fc.boolean(), kinds.timestamp)
const compared = ['less_than', 'less_than_or_equal', 'greater_than', 'greater_than_or_equal'] as const
const relative = ['within_last', 'within_next', 'before_last', 'after_next'] as const

const one = (names: readonly string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<Raw> =>
  fc.tuple(fc.constantFrom(...names), value).map(([name, right]) => ({ [name]: right }))
const listOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.array(value, { minLength: 1, maxLength: 3 })

/** Operators that suit values of a kind, so that conditions often come close to holding. */
export const fitting: Readonly<Record<Kind, fc.Arbitrary<Raw>>> = {
  text: fc.oneof(
    one(['equals', 'not_equals', 'contains', 'starts_with', 'ends_with'], kinds.text),
    one(['one_of', 'none_of', 'contains_one_of'], listOf(kinds.text)),
  ),
  number: fc.oneof(one(['equals', 'not_equals', ...compared], kinds.number), one(['one_of'], listOf(scalar))),
  integer: fc.oneof(
    one(['equals', 'not_equals', ...compared], kinds.integer),
    one(['none_of'], listOf(scalar)),
  ),
  boolean: one(['equals', 'not_equals'], fc.constantFrom(true, false, 'true', 'FALSE')),
  timestamp: fc.oneof(one(['before', 'after', 'equals', 'not_equals'], kinds.timestamp), {
    weight: 2,
    arbitrary: one(relative, duration),
  }),
  list: one(['contains', 'does_not_contain', 'equals', 'not_equals'], fc.constantFrom('a', 'b', '5')),
}

/** Any operator on anything; `references` are other right-hand sides where they have a meaning. */
export function test(references: readonly Raw[]): fc.Arbitrary<Raw> {
  const orReference = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    references.length === 0 ? value : fc.oneof(value, fc.constantFrom(...references))
  return fc.oneof(
    { weight: 4, arbitrary: one(['equals', 'not_equals'], orReference(scalar)) },
    { weight: 2, arbitrary: one(compared, orReference(kinds.number)) },
    { weight: 2, arbitrary: one(['one_of', 'none_of'], listOf(scalar)) },
    one(['contains', 'does_not_contain', 'starts_with', 'ends_with'], orReference(kinds.text)),
    one(['contains', 'does_not_contain'], listOf(kinds.text)),
    one(['contains_one_of'], listOf(scalar)),
    { weight: 2, arbitrary: one(['exists'], fc.boolean()) },
    one(['before', 'after'], orReference(kinds.timestamp)),
    one(relative, duration),
  )
}

export interface Subject {
  readonly of: Raw
  readonly kind: Kind
}

export function leaf(subjects: readonly Subject[], references: readonly Raw[]): fc.Arbitrary<Raw> {
  return fc
    .constantFrom(...subjects)
    .chain(({ of, kind }) =>
      fc
        .tuple(
          fc.oneof({ weight: 3, arbitrary: fitting[kind] }, { weight: 2, arbitrary: test(references) }),
          fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, test(references)),
        )
        .map(([first, second]) => ({ ...of, ...second, ...first })),
    )
}

export function subjectsOf(key: string, of: Readonly<Record<string, Kind>>): readonly Subject[] {
  return Object.entries(of).map(([name, kind]) => ({ of: { [key]: name }, kind }))
}

export function tree(leaves: fc.Arbitrary<Raw>): fc.Arbitrary<Raw> {
  const built = fc.letrec<{ tree: Raw }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: leaves },
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      tie('tree').map((not) => ({ not })),
    ),
  }))
  return built.tree
}
