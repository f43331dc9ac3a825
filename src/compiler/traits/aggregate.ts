import type { AggregateType, EventTrait } from '../../definitions/definitions.ts'
import { and, compare, type Expr, type ExprOrder } from '../../ir/expr.ts'
import type { ValueType } from '../../ir/value-type.ts'
import { keyColumn } from '../compile-scope.ts'
import { asNumber, asText } from '../conditions/read-value.ts'
import type { StatementBuilder } from '../conditions/statement-builder.ts'

/** The step whose rows are aggregated per `key`. */
export interface ValueRows {
  readonly table: string
  readonly key: string
  /** Of its column `value`; absent where it has none. */
  readonly type: ValueType | undefined
}

/** How the values of a profile's events become one. */
export interface Aggregate {
  /** The property as the aggregate takes it; NULL where it cannot. */
  read(value: Expr): Expr
  /** Which values count. */
  counts(value: Expr): Expr
  /** Of the result, given the type of what {@link read} returns. */
  type(value: ValueType): ValueType
  /** Columns of the event it needs beside the value. */
  readonly columns: readonly ('timestamp' | 'event_id' | 'source')[]
  /** Falls to 0 when all events have left the window, rather than away. */
  readonly decays: boolean
  /** Adds steps where one aggregate is not enough; rows without a value do not count. @returns what to aggregate at last, grouped by the key */
  steps(statement: StatementBuilder, rows: ValueRows): { value: Expr; table: string }
}

const zero: Expr = { kind: 'integer', value: 0 }

export function aggregateOf(trait: EventTrait): Aggregate {
  const decaying = trait.window !== undefined && trait.window.kind !== 'absolute'
  const simple = (
    read: (value: Expr) => Expr,
    type: ValueType,
    aggregate: (value: Expr, table: string) => Expr,
    decays = false,
  ): Aggregate => ({
    read,
    counts: present,
    type: () => type,
    columns: [],
    decays,
    steps: (_, { table, type: valueType = 'text' }) => ({
      table,
      value: aggregate(column(table, 'value', valueType), table),
    }),
  })
  switch (trait.type) {
    case 'count':
      return simple(
        (value) => value,
        'integer',
        (_, table) =>
          decaying
            ? { kind: 'count', of: whileIn(table, { kind: 'integer', value: 1 }) }
            : { kind: 'countRows' },
        true,
      )
    case 'sum': {
      const sum = simple(doubleOf, 'number', (value, table) => sumOf(value, table, decaying), true)
      return { ...sum, counts: isExact }
    }
    case 'avg': {
      const average = simple(doubleOf, 'number', (value, table) => ({
        kind: 'arithmetic',
        operator: '/',
        left: sumOf(value, table, false),
        right: { kind: 'countRows' },
      }))
      return { ...average, counts: isExact }
    }
    case 'min':
    case 'max': {
      const { type: kind } = trait
      return simple(doubleOf, 'number', (of) => ({ kind, of }))
    }
    case 'unique_list':
      return simple(asText, 'list', (of) => ({ kind: 'sortedSet', of }))
    case 'unique_list_count':
      return simple(
        asText,
        'integer',
        (value, table) => ({ kind: 'countDistinct', of: decaying ? whileIn(table, value) : value }),
        true,
      )
    case 'first':
    case 'last':
      return ordered(trait.type === 'last')
    case 'most_frequent':
      return mostFrequent(trait.minFrequency)
  }
}

/** Types whose result is a number whatever the property. */
export function aggregatesNumbers(type: AggregateType): boolean {
  return ['sum', 'avg', 'min', 'max'].includes(type)
}

function numberOf(value: Expr): Expr {
  return asNumber(value) ?? { kind: 'null', type: 'number' }
}

function doubleOf(value: Expr): Expr {
  const number = numberOf(value)
  return number.kind === 'column' && number.type === 'integer'
    ? { kind: 'cast', of: number, type: 'number' }
    : number
}

function present(of: Expr): Expr {
  return { kind: 'present', of }
}

/** Within what a decimal holds; neither NaN nor infinite. */
function isExact(value: Expr): Expr {
  return and([
    compare('>', value, { kind: 'number', value: -1e18 }),
    compare('<', value, { kind: 'number', value: 1e18 }),
  ])
}

/** A sum of exact decimals, rounded to a double once. */
function sumOf(of: Expr, table: string, decaying: boolean): Expr {
  const value: Expr = { kind: 'exact', of }
  if (!decaying) return { kind: 'cast', of: { kind: 'sum', of: value }, type: 'number' }
  const inWindow: Expr = { kind: 'sum', of: whileIn(table, value) }
  return { kind: 'cast', of: { kind: 'coalesce', parts: [inWindow, zero] }, type: 'number' }
}

function whileIn(table: string, value: Expr): Expr {
  return { kind: 'when', condition: column(table, 'in_window', 'boolean'), value }
}

/** By the event's own time; equal times by id, then by source, then by value for elements of one event. */
function ordered(last: boolean): Aggregate {
  return {
    read: (value) => value,
    counts: present,
    type: (value) => value,
    columns: ['timestamp', 'event_id', 'source'],
    decays: false,
    steps: (_, { table, type = 'text' }) => {
      const of = column(table, 'value', type)
      const order: readonly ExprOrder[] = [
        { of: column(table, 'timestamp', 'timestamp'), descending: last },
        { of: column(table, 'event_id', 'text'), descending: last },
        { of: column(table, 'source', 'text'), descending: last },
        { of, descending: false },
      ]
      return { table, value: { kind: 'firstBy', of, order } }
    },
  }
}

function mostFrequent(minFrequency: number): Aggregate {
  return {
    read: asText,
    counts: present,
    type: () => 'text',
    columns: [],
    decays: false,
    steps: (statement, { table, key }) => {
      const keys = [column(table, key, 'text'), column(table, 'value', 'text')]
      const counted = statement.step(key === keyColumn('user') ? 'values_by_profile' : 'values_by_account', {
        columns: [
          { of: column(table, key, 'text'), name: key },
          { of: column(table, 'value', 'text'), name: 'value' },
          { of: { kind: 'countRows' }, name: 'occurrences' },
        ],
        from: { kind: 'step', name: table },
        joins: [],
        where: present(column(table, 'value', 'text')),
        groupBy: keys,
        having: compare('>=', { kind: 'countRows' }, { kind: 'integer', value: minFrequency }),
      })
      const of = column(counted, 'value', 'text')
      const order: readonly ExprOrder[] = [
        { of: column(counted, 'occurrences', 'integer'), descending: true },
        { of, descending: false },
      ]
      return { table: counted, value: { kind: 'firstBy', of, order } }
    },
  }
}

function column(table: string, name: string, type: ValueType): Expr {
  return { kind: 'column', table, name, type }
}
