import type { Sql } from '../../src/dialects/dialect.ts'
import { asOf, eventKinds, eventName } from './generate.ts'

/** A trait as a project defines it, and as one query would compute it. */
export interface BenchTrait {
  readonly name: string
  readonly kind: number
  readonly yaml: Readonly<Record<string, unknown>>
  readonly aggregate: Sql
  /** What is asked beside the kind of event. */
  readonly where?: Sql
}

const windows = [30, 60, 90]

/** `numbers`: of seven traits three count, four add or compare numbers. `all`: of ten, one each is also a last value, a most frequent one and a number of values. */
export type Mix = 'numbers' | 'all'

export function benchTraits(count: number, mix: Mix): readonly BenchTrait[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = index % eventKinds
    const round = Math.floor(index / eventKinds)
    const { type, sql, ...more } = shapeOf((round + kind) % (mix === 'all' ? 10 : 7), round)
    const name = `trait_${String(index).padStart(3, '0')}`
    return {
      name,
      kind,
      yaml: { name, type, event: eventName(kind), ...more },
      aggregate: sql.aggregate,
      ...(sql.where !== undefined && { where: sql.where }),
    }
  })
}

interface TraitShape {
  readonly type: string
  readonly sql: { readonly aggregate: Sql; readonly where?: Sql }
  readonly [key: string]: unknown
}

function shapeOf(shape: number, round: number): TraitShape {
  const days = windows[round % windows.length] ?? 30
  const recent = `timestamp >= timestamp '${asOf.slice(0, 10)}' - interval '${days} days'`
  const category = `category ${round % 50}`
  switch (shape) {
    case 0:
      return { type: 'count', sql: { aggregate: 'count(*)' } }
    case 1:
    case 2:
      return { type: 'count', within: `${days}d`, sql: { aggregate: 'count(*)', where: recent } }
    case 3:
      return { type: 'sum', property: 'amount', sql: { aggregate: 'sum(amount)' } }
    case 4:
      return {
        type: 'sum',
        property: 'amount',
        where: [{ property: 'category', equals: category }],
        sql: { aggregate: 'sum(amount)', where: `category = '${category}'` },
      }
    case 5:
      return {
        type: 'avg',
        property: 'amount',
        within: `${days}d`,
        sql: { aggregate: 'avg(amount)', where: recent },
      }
    case 6:
      return { type: 'max', property: 'amount', sql: { aggregate: 'max(amount)' } }
    case 7:
      return {
        type: 'last',
        property: 'category',
        sql: { aggregate: '(array_agg(category order by timestamp desc, event_id desc))[1]' },
      }
    case 8:
      return {
        type: 'most_frequent',
        property: 'category',
        sql: { aggregate: 'mode() within group (order by category)' },
      }
    default:
      return {
        type: 'unique_list_count',
        property: 'category',
        sql: { aggregate: 'count(distinct category)' },
      }
  }
}

/** Each asks for one or two counts of events and a trait. */
export function benchAudiences(count: number): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `audience_${String(index).padStart(2, '0')}`,
    include_anonymous: index % 2 === 0,
    match: {
      all: [
        {
          event: eventName(index % eventKinds),
          count: { at_least: 1 + (index % 3) },
          within: `${30 + (index % 3) * 30}d`,
        },
        { not: { event: eventName((index + 7) % eventKinds), count: { at_least: 2 }, within: '30d' } },
        {
          any: [
            { trait: 'trait_000', greater_than: index % 5 },
            { trait: 'trait_001', exists: false },
          ],
        },
      ],
    },
  }))
}
