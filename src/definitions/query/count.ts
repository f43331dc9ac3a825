import type { At } from '../../query/syntax.ts'
import type { Count, Test } from '../conditions.ts'
import { type Compared, readTests } from './comparisons.ts'
import type { QueryReading } from './query-reading.ts'

export interface CountTest {
  readonly count: Count
  /** `!= 2` is not exactly 2. */
  readonly negated: boolean
  /** Where several counts stand for one comparison, one of them must hold. */
  readonly alternatives?: readonly Count[]
}

/** What is asked of a number of events: all of it must hold. */
export function readCount(at: At, compared: Compared, of: QueryReading): readonly CountTest[] {
  const spans = [
    ...compared.calls.map(({ name }) => name.at),
    ...(compared.sign ? [compared.sign.comparator.at] : []),
  ]
  return readTests(at, compared, 'none', of).flatMap((test, index) => {
    const found = countOf(test)
    if (typeof found !== 'string') return [found]
    of.reject(spans[index] ?? at, found, 'compare it with a whole number, for example `>= 1` or `= 0`')
    return []
  })
}

/** @returns what is wrong with it, as a text */
function countOf({ operator, operand }: Test): CountTest | string {
  const values = operand.kind === 'literal' ? [operand.value] : operand.kind === 'list' ? operand.values : []
  const numbers = values.flatMap((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? [value] : [],
  )
  const [value] = numbers
  if (value === undefined || numbers.length !== values.length) return 'a count of events is a whole number'
  switch (operator) {
    case 'equals':
      return { count: { comparison: 'exactly', value }, negated: false }
    case 'not_equals':
      return { count: { comparison: 'exactly', value }, negated: true }
    case 'greater_than':
      return { count: { comparison: 'at_least', value: value + 1 }, negated: false }
    case 'greater_than_or_equal':
      if (value === 0) return 'every count of events is at least 0'
      return { count: { comparison: 'at_least', value }, negated: false }
    case 'less_than':
      if (value === 0) return 'no count of events is less than 0'
      return { count: { comparison: 'at_most', value: value - 1 }, negated: false }
    case 'less_than_or_equal':
      return { count: { comparison: 'at_most', value }, negated: false }
    case 'one_of':
    case 'none_of':
      return {
        count: { comparison: 'exactly', value },
        negated: operator === 'none_of',
        alternatives: numbers.map((each): Count => ({ comparison: 'exactly', value: each })),
      }
    case 'contains':
    case 'does_not_contain':
    case 'contains_one_of':
    case 'starts_with':
    case 'ends_with':
    case 'exists':
    case 'before':
    case 'after':
    case 'within_last':
    case 'within_next':
    case 'before_last':
    case 'after_next':
      return 'a count of events is compared with = != < <= > >= or one_of(…)'
  }
}
