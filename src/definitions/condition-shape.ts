import { z } from 'zod'
import { byKey, type Choose, optional, scalar, strict, text, textOf } from '../config/shape.ts'
import type { Operator, ReducedValue } from './conditions.ts'
import type {
  RawCondition,
  RawConditions,
  RawNestedRows,
  RawPropertyCondition,
  RawRelatedRows,
  RawRowCondition,
  RawThen,
} from './raw-conditions.ts'

export const duration = textOf(/^[1-9]\d{0,8}[smhdw]$/, 'PSN2020', 'a duration such as 30m, 12h or 90d')
export const instant = textOf(
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/,
  'PSN2022',
  'a date, or a date and time with a zone',
)
const pathPattern = /^[^.$\s][^.$]*(\.[^.$]+)*(\.\$)?$/
export const path = textOf(pathPattern, 'PSN2038', 'a name or a path')

/** Whether a query may name a property so; a dot that is part of a name, `\\.`, is not known to warehouses. */
export function isPath(text: string): boolean {
  return pathPattern.test(text) && !text.includes('\\.')
}

/** A value of the event, the row or the profile instead of one that is written out. */
export const referenceShape = z.union([
  strict({ parent: text }),
  strict({ trait: text }),
  strict({ property: path }),
  strict({ column: text, of: optional(text) }),
])
const orReference = (literal: z.ZodType, expected: string) =>
  z.union([literal, referenceShape], {
    error: `${expected}, { parent: … }, { property: … }, { column: … } or { trait: … }`,
  })

const list = z.array(scalar, { error: 'a list of texts, numbers or true/false' }).min(1)
const anyScalar = optional(orReference(scalar, 'a text, a number, true/false'))
const numeric = optional(orReference(z.number(), 'a number'))
const part = optional(orReference(z.string(), 'a text'))
const parts = optional(
  orReference(z.union([z.string(), z.array(z.string()).min(1)]), 'a text, a list of texts'),
)
const time = optional(orReference(instant, 'a date, or a date and time with a zone'))

const operators = {
  equals: anyScalar,
  not_equals: anyScalar,
  less_than: numeric,
  less_than_or_equal: numeric,
  greater_than: numeric,
  greater_than_or_equal: numeric,
  one_of: optional(list),
  none_of: optional(list),
  contains: parts,
  does_not_contain: parts,
  contains_one_of: optional(list),
  starts_with: part,
  ends_with: part,
  exists: optional(z.boolean()),
  before: time,
  after: time,
  within_last: optional(duration),
  within_next: optional(duration),
  before_last: optional(duration),
  after_next: optional(duration),
}

export function isOperator(key: string): key is Operator {
  return Object.hasOwn(operators, key)
}

export const reducerTypes: readonly ReducedValue['type'][] = [
  'sum',
  'avg',
  'min',
  'max',
  'median',
  'percentile',
  'most_frequent',
  'first',
  'last',
  'unique_list',
  'unique_list_count',
]
/** Those that may reduce a trait of the acting user. */
export const userTraitTypes = ['most_frequent', 'first', 'last'] as const

const nineDigits = (share: number): boolean => Number(share.toFixed(9)) === share
export const share = z
  .number()
  .min(0)
  .max(1)
  .refine(nineDigits, { error: 'must have nine digits after the point at most' })
/** Whether the number can be the `p` of a percentile. */
export function isShare(number: number): boolean {
  return number >= 0 && number <= 1 && nineDigits(number)
}
const reducers = (of: z.ZodType) => Object.fromEntries(reducerTypes.map((type) => [type, optional(of)]))

export const excludedShape = { exclude_sources: optional(z.array(text).min(1)) }

/** Which events count; that only one of the ways is used is checked when they are parsed. */
const rowWindowShape = {
  within: optional(duration),
  between: optional(z.array(duration, { error: 'two durations, nearer first' }).length(2)),
  since: optional(instant),
  until: optional(instant),
}
export const windowShape = {
  ...rowWindowShape,
  session: optional(duration),
}

const count = strict({
  at_least: optional(z.int().min(1)),
  exactly: optional(z.int().min(0)),
  at_most: optional(z.int().min(0)),
}).refine((value) => Object.keys(value).length === 1, {
  error: 'must have exactly one of at_least, exactly, at_most',
})

const rowKinds = ['all', 'any', 'not', 'column', 'trait', 'relationship'] as const
const nestedKinds = ['all', 'any', 'not', 'relationship'] as const
const propertyKinds = ['all', 'any', 'not', 'property', 'context', 'trait', 'then'] as const
const conditionKinds = [
  'all',
  'any',
  'not',
  'any_user',
  'all_users',
  'none_of_users',
  'audience',
  'event',
  'relationship',
  'trait',
  'account_trait',
] as const

/** The shapes of conditions on one event (`where`), on one row of a relationship (`row`) and on a profile (`match`). */
export function conditionShapes(choose: Choose) {
  const where: z.ZodType<RawPropertyCondition> = choose<RawPropertyCondition>(
    {
      all: strict({ all: z.array(z.lazy(() => where)).min(1) }),
      any: strict({ any: z.array(z.lazy(() => where)).min(1) }),
      not: strict({ not: z.lazy(() => where) }),
      property: strict({ property: path, ...operators }),
      context: strict({ context: path, ...operators }),
      trait: strict({ trait: text, ...operators }),
      // biome-ignore lint/suspicious/noThenProperty: the public word for what follows an event; never awaited
      then: strict({ then: z.lazy(() => then) }),
    },
    byKey(propertyKinds),
  )
  const wheres = optional(z.array(where))
  const then: z.ZodType<RawThen> = strict({
    not: optional(z.boolean()),
    event: text,
    within: duration,
    count: optional(count),
    where: wheres,
    require_window_elapsed: optional(z.boolean()),
    ...excludedShape,
  })
  const rows = {
    relationship: text,
    count: optional(count),
    where: z.lazy(() => optional(z.array(row))),
    with: z.lazy(() => optional(z.array(nested))),
  }
  const related: z.ZodType<RawRelatedRows> = strict({ ...rows, ...rowWindowShape })
  const profileRows = strict({
    ...rows,
    ...windowShape,
    ...reducers(text),
    min_frequency: optional(z.int().min(1)),
    p: optional(share),
    as: optional(z.enum(['number', 'text'])),
    ...operators,
  })
  const row: z.ZodType<RawRowCondition> = choose<RawRowCondition>(
    {
      all: strict({ all: z.array(z.lazy(() => row)).min(1) }),
      any: strict({ any: z.array(z.lazy(() => row)).min(1) }),
      not: strict({ not: z.lazy(() => row) }),
      column: strict({ column: text, ...operators }),
      trait: strict({ trait: text, ...operators }),
      relationship: related,
    },
    byKey(rowKinds),
  )
  const nested: z.ZodType<RawNestedRows> = choose<RawNestedRows>(
    {
      all: strict({ all: z.array(z.lazy(() => nested)).min(1) }),
      any: strict({ any: z.array(z.lazy(() => nested)).min(1) }),
      not: strict({ not: z.lazy(() => nested) }),
      relationship: related,
    },
    byKey(nestedKinds),
  )
  const condition: z.ZodType<RawCondition> = choose<RawCondition>(
    {
      all: strict({ all: z.array(z.lazy(() => condition)).min(1) }),
      any: strict({ any: z.array(z.lazy(() => condition)).min(1) }),
      not: strict({ not: z.lazy(() => condition) }),
      any_user: strict({ any_user: z.lazy(() => conditions) }),
      all_users: strict({ all_users: z.lazy(() => conditions) }),
      none_of_users: strict({ none_of_users: z.lazy(() => conditions) }),
      audience: strict({ audience: text }),
      event: strict({
        event: text,
        count: optional(count),
        where: wheres,
        ...windowShape,
        ...excludedShape,
        ...reducers(path),
        min_frequency: optional(z.int().min(1)),
        p: optional(share),
        as: optional(z.enum(['number', 'text', 'array'])),
        ...operators,
        // biome-ignore lint/suspicious/noThenProperty: the public word for what follows an event; never awaited
        then: optional(then),
      }),
      relationship: profileRows,
      trait: strict({ trait: text, ...operators }),
      account_trait: strict({ account_trait: text, ...operators }),
    },
    byKey(conditionKinds),
  )
  const conditions: z.ZodType<RawConditions> = choose<RawConditions>(
    { list: z.array(condition).min(1), one: condition },
    (value) => (Array.isArray(value) ? 'list' : 'one'),
  )
  return { where, row, related, nested, condition, conditions }
}
