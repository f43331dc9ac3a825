import { describe, expect, test } from 'vitest'
import { parseInstant, readOptions } from '../../../src/cli/options.ts'
import { UsageError } from '../../../src/cli/usage-error.ts'

describe('flags', () => {
  test.each([
    ['2026-06-01', '2026-06-01T00:00:00.000Z'],
    ['2026-06-01T12:30:00Z', '2026-06-01T12:30:00.000Z'],
    ['2026-06-01T12:30Z', '2026-06-01T12:30:00.000Z'],
    ['2026-06-01T00:00:00+02:00', '2026-05-31T22:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('--as-of %s', (written, expected) => {
    expect(parseInstant(written)).toBe(expected)
  })

  test.each(['yesterday', '2026-06-01T12:00:00', '2026-02-30', '2026-13-01', '1', ''])(
    '--as-of %s is refused',
    (written) => {
      expect(() => parseInstant(written)).toThrow(UsageError)
    },
  )

  test.each(['0', '-1', '1.5', 'four', ''])('--threads %s is refused', (threads) => {
    expect(() => readOptions({ threads })).toThrow(/--threads takes a whole number/)
  })

  test('selectors from flags and from the environment', () => {
    expect(readOptions({ select: ['a', 'b'] }).select).toEqual(['a', 'b'])
    expect(readOptions({ select: 'a b' }).select).toEqual(['a b'])
  })
})
