import type { OnLine } from './line.ts'
import { plainNumber, readInstant, readNumber } from './read-text.ts'
import type { ValueTest } from './value-test.ts'

/** A test on values of one kind: always so, a set on a line of its own, or not known. */
export type LineAnswer = boolean | 'free' | (Omit<OnLine, 'holds'> & { readonly line: 'value' | 'distance' })

export function numberAnswer(test: ValueTest): LineAnswer {
  switch (test.kind) {
    case 'exists':
      return true
    case 'equals': {
      if (typeof test.value === 'boolean') return false
      const value = typeof test.value === 'number' ? plainNumber(test.value) : readNumber(test.value)
      if (value === 'none') return false
      return value === 'unclear' ? 'free' : point(value)
    }
    case 'below':
    case 'above': {
      const { kind, orEqual } = test
      const than = plainNumber(test.than)
      if (than === 'unclear') return 'free'
      const has = (value: number): boolean =>
        (orEqual && value === than) || (kind === 'below' ? value < than : value > than)
      return { line: 'value', ends: [than], has }
    }
    case 'before':
    case 'after':
    case 'relative':
      return false
    case 'part':
    case 'reference':
      return 'free'
  }
}

export function timeAnswer(test: ValueTest): LineAnswer {
  switch (test.kind) {
    case 'exists':
      return true
    case 'equals': {
      const value = typeof test.value === 'string' ? readInstant(test.value) : 'none'
      if (value === 'none') return false
      return value === 'unclear' ? 'free' : point(value)
    }
    case 'below':
    case 'above':
      return false
    case 'before':
    case 'after': {
      const { kind, instant } = test
      const has = (value: number): boolean => (kind === 'before' ? value < instant : value > instant)
      return { line: 'value', ends: [instant], has }
    }
    case 'relative': {
      const { from, to, open } = test
      const has = (value: number): boolean =>
        open ? value > from && value < to : value >= from && value <= to
      return { line: 'distance', ends: [from, to], has }
    }
    case 'part':
    case 'reference':
      return 'free'
  }
}

function point(at: number): LineAnswer {
  return { line: 'value', ends: [at], has: (value) => value === at }
}
