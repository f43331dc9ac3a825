import { z } from 'zod'
import { byValueOf, type Choose, optional, type PickError, scalar, strict, text } from '../config/shape.ts'
import {
  entity,
  historyShape,
  ignoreWarnings,
  named,
  type RawCarried,
  type RawLinted,
} from './carried-shape.ts'
import {
  type conditionShapes,
  excludedShape,
  path,
  reducerTypes,
  share,
  userTraitTypes,
  windowShape,
} from './condition-shape.ts'
import type { ReducedValue } from './conditions.ts'
import type { AggregateType } from './definitions.ts'
import type { RawHistory } from './history.ts'
import type {
  RawExcludedSources,
  RawNestedRows,
  RawPropertyCondition,
  RawReducerOptions,
  RawRowCondition,
  RawScalar,
  RawWindow,
} from './raw-conditions.ts'

export interface RawFallback {
  readonly default?: RawScalar | readonly RawScalar[]
}

export interface RawRelatedTrait extends RawCarried, RawLinted, RawWindow, RawReducerOptions, RawFallback {
  readonly entity?: 'user' | 'account'
  readonly type: AggregateType
  readonly relationship: string
  readonly column?: string
  readonly where?: readonly RawRowCondition[]
  readonly with?: readonly RawNestedRows[]
  readonly include_anonymous?: boolean
}

export interface RawEventTrait
  extends RawCarried,
    RawLinted,
    RawWindow,
    RawExcludedSources,
    RawReducerOptions,
    RawHistory,
    RawFallback {
  readonly entity?: 'user' | 'account'
  readonly type: AggregateType
  readonly event: string
  readonly property?: string
  /** In place of a property, for accounts. */
  readonly user_trait?: string
  readonly where?: readonly RawPropertyCondition[]
  readonly include_anonymous?: boolean
}
export interface RawFormulaTrait extends RawCarried, RawLinted, RawFallback {
  readonly entity?: 'user' | 'account'
  readonly type: 'formula'
  readonly expression: string
}
export interface RawSqlTrait extends RawCarried, RawLinted {
  readonly entity?: 'user' | 'account'
  readonly type: 'sql'
  readonly file: string
  readonly create_profiles?: boolean
  readonly max_rows?: number
}
/** An event trait whose query says the rest. */
export interface RawQueryTrait extends RawCarried, RawLinted, RawHistory, RawFallback {
  readonly entity?: 'user' | 'account'
  readonly query: string
  readonly include_anonymous?: boolean
}
export type RawTrait = RawEventTrait | RawRelatedTrait | RawFormulaTrait | RawSqlTrait | RawQueryTrait

const fallback = {
  default: optional(
    z.union([scalar, z.array(scalar)], { error: 'a text, a number, true/false or a list of them' }),
  ),
}

export function traitShape(
  choose: Choose,
  { where, row, nested }: Pick<ReturnType<typeof conditionShapes>, 'where' | 'row' | 'nested'>,
): z.ZodType<RawTrait> {
  const event = {
    ...named,
    entity,
    ignore_warnings: ignoreWarnings,
    event: text,
    where: optional(z.array(where)),
    ...windowShape,
    ...excludedShape,
    ...historyShape,
    include_anonymous: optional(z.boolean()),
    ...fallback,
  }
  const kinds: Record<string, z.ZodType> = { count: strict({ ...event, type: z.literal('count') }) }
  const frequency = { min_frequency: optional(z.int().min(1)) }
  const extreme = { as: optional(z.enum(['number', 'text'])) }
  const beside: Partial<Record<ReducedValue['type'], z.ZodRawShape>> = {
    min: extreme,
    max: extreme,
    percentile: { p: share },
    most_frequent: { ...frequency, as: optional(z.enum(['text', 'array'])) },
  }
  for (const type of reducerTypes)
    kinds[type] = strict({ ...event, type: z.literal(type), property: path, ...beside[type] })
  for (const type of userTraitTypes)
    kinds[`${type}_of_user`] = strict({
      ...event,
      type: z.literal(type),
      user_trait: text,
      ...(type === 'most_frequent' && frequency),
    })
  const related = {
    ...named,
    entity,
    ignore_warnings: ignoreWarnings,
    relationship: text,
    where: optional(z.array(row)),
    with: optional(z.array(nested)),
    ...windowShape,
    include_anonymous: optional(z.boolean()),
    ...fallback,
  }
  for (const type of ['count', ...reducerTypes] as const)
    kinds[`${type}_of_rows`] = strict({
      ...related,
      type: z.literal(type),
      ...(type !== 'count' && { column: text, ...(type === 'most_frequent' ? frequency : beside[type]) }),
    })
  const other = { ...named, entity, ignore_warnings: ignoreWarnings }
  kinds.formula = strict({ ...other, type: z.literal('formula'), expression: text, ...fallback })
  kinds.sql = strict({
    ...other,
    type: z.literal('sql'),
    file: text,
    create_profiles: optional(z.boolean()),
    max_rows: optional(z.int().min(1)),
  })
  const byType = byValueOf('type', ['count', ...reducerTypes, 'formula', 'sql'])
  const ofUser = (type: string | PickError): string | PickError =>
    userTraitTypes.some((each) => each === type) ? `${String(type)}_of_user` : type
  const ofRows = (type: string | PickError): string | PickError => {
    const kind = `${String(type)}_of_rows`
    return kind in kinds ? kind : type
  }
  const query = strict({
    ...other,
    query: text,
    ...historyShape,
    include_anonymous: optional(z.boolean()),
    ...fallback,
  })
  return choose<RawTrait>({ ...kinds, query }, (value) => {
    if ('query' in value) return 'query'
    if ('relationship' in value) return ofRows(byType(value))
    return 'user_trait' in value ? ofUser(byType(value)) : byType(value)
  })
}
