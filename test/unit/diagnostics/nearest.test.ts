import { expect, test } from 'vitest'
import { nearest } from '../../../src/diagnostics/nearest.ts'

test.each([
  ['evnt', ['event', 'entity'], 'event'],
  ['wbe', ['pos', 'web'], 'web'],
  ['Orders', ['orders'], 'orders'],
  ['lifetime_vlaue', ['lifetime_value', 'life'], 'lifetime_value'],
  ['unit', ['until'], undefined],
  ['q', ['x'], undefined],
  ['memory', ['name', 'paths'], undefined],
  ['same', ['same'], undefined],
  ['abd', ['abc', 'abe'], 'abc'],
])('nearest to %s of %j is %s', (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected)
})
