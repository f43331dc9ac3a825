import { expect, test } from 'vitest'
import { isSame } from '../../../../src/runner/unit-tests/compare-expectations.ts'

test.each([
  [2, 2n, true],
  [60.5, 60.5, true],
  [0.3, 0.1 + 0.2, true],
  [2, 3n, false],
  [0, null, false],
  [0, '', false],
  [1, true, false],
  [null, null, true],
  [null, 0n, false],
  ['a', 'a', true],
  ['a', 'A', false],
  ['2026-01-01', '2026-01-01T00:00:00Z', true],
  ['2026-01-01T02:00:00+02:00', '2026-01-01T00:00:00Z', true],
  ['2026-01-02', '2026-01-01T00:00:00Z', false],
  ['2026', '2026-01-01T00:00:00Z', false],
  [['a', 'b'], '["a","b"]', true],
  [['b', 'a'], '["a","b"]', false],
  [['a'], 'no list', false],
  [true, true, true],
  [false, null, false],
  ['1', 1n, true],
])('expected %s, found %s: %s', (expected, actual, same) => {
  expect(isSame(expected, actual)).toBe(same)
})
