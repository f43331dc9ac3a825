import { describe, expect, test } from 'vitest'
import { plainName, shortName } from '../../../src/sql/names.ts'

const postgres = { maxIdentifierBytes: 63 }

describe('short names', () => {
  test('a name that fits stays', () => {
    expect(shortName(postgres, 'a'.repeat(63))).toBe('a'.repeat(63))
  })

  test('a longer one keeps its start and tells itself from others by its digest', () => {
    const short = shortName(postgres, `trait_${'long_'.repeat(20)}a`)
    expect(short).toMatch(/^trait_long_.*_[0-9a-f]{8}$/)
    expect(Buffer.byteLength(short)).toBe(63)
    expect(shortName(postgres, `trait_${'long_'.repeat(20)}b`)).not.toBe(short)
    expect(shortName(postgres, `trait_${'long_'.repeat(20)}a`)).toBe(short)
  })

  test('characters are never cut in half', () => {
    const short = shortName(postgres, 'é\u{1F642}'.repeat(20))
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(63)
    expect(short).toMatch(/^(é\u{1F642})+é?_[0-9a-f]{8}$/u)
  })
})

describe('plain names', () => {
  test.each([
    ['Order Completed', 'order_completed'],
    ['orderCompleted', 'order_completed'],
    ['  Sign-up (v2)!', 'sign_up_v2'],
    ['2nd Order', 'event_2nd_order'],
    ['注文', 'event'],
  ])('%s → %s', (text, plain) => {
    expect(plainName(text)).toBe(plain)
  })
})
