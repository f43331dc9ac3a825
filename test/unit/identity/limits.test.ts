import { describe, expect, test } from 'vitest'
import { duckdb } from '../../../src/dialects/duckdb.ts'
import { certainCodes, defaultHardLimits, type Limit, limitsOf } from '../../../src/identity/limits.ts'
import { type GivenRule, rulesOf } from '../../scenarios/identity/identity-run.ts'

const limits = (rules: readonly GivenRule[]): readonly Limit[] =>
  limitsOf(rulesOf(rules), defaultHardLimits, duckdb)

describe('limits of a profile', () => {
  test('stand in order of priority, then merges, then mappings', () => {
    const given = limits([
      { type: 'user_id', limit: 1, frequency: 'ever' },
      { type: 'anonymous_id', limit: 5, frequency: 'weekly' },
    ])
    expect(given.map(({ code, limit, windowMicros, reason }) => [code, limit, windowMicros, reason])).toEqual(
      [
        [1, 1, '', "'Identifier value limit exceeded'"],
        [2, 5, '604800000000', "'Identifier value time limit exceeded'"],
        [3, 101, '', "'Profile merge limit exceeded'"],
        [4, 1000, '', "'Identifier mapping limit exceeded'"],
      ],
    )
  })

  test.each([
    ['daily', '86400000000'],
    ['weekly', '604800000000'],
    ['monthly', '2592000000000'],
    ['annually', '31536000000000'],
  ] as const)('%s is %s microseconds', (frequency, micros) => {
    expect(limits([{ type: 'email', limit: 5, frequency }])[0]?.windowMicros).toBe(micros)
  })

  test('leave out group_id, which names accounts', () => {
    const given = limits([
      { type: 'user_id', limit: 1, frequency: 'ever' },
      { type: 'group_id', limit: 5, frequency: 'ever' },
      { type: 'phone', limit: 5, frequency: 'ever' },
    ])
    expect(given.map((limit) => limit.rank)).toEqual([1, 2, 0, 0])
  })

  test('a reason is certain if every limit looked at before would give the same', () => {
    const ever = { type: 'user_id', limit: 1, frequency: 'ever' } as const
    const weekly = { type: 'anonymous_id', limit: 5, frequency: 'weekly' } as const
    expect(certainCodes(limits([ever, { ...ever, type: 'email' }]))).toEqual([1, 2])
    expect(certainCodes(limits([ever, weekly, { ...ever, type: 'phone' }]))).toEqual([1])
    expect(certainCodes(limits([weekly, { ...weekly, type: 'phone' }, ever]))).toEqual([1, 2])
  })
})
