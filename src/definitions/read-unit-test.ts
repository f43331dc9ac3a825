import type { RawUnitTest } from './definition-shapes.ts'
import type { UnitTest } from './definitions.ts'
import { readInstant } from './read-tests.ts'
import { type Reading, readCarried } from './reading.ts'

export function readUnitTest(raw: RawUnitTest, reading: Reading): UnitTest {
  const { profiles, traits, account_traits: accountTraits, audiences } = raw.expect
  return {
    ...readCarried(raw, reading.places),
    asOf: readInstant(raw.as_of, raw, 'as_of', reading),
    given: raw.given,
    expect: {
      ...(profiles === undefined ? {} : { profiles }),
      ...(traits === undefined ? {} : { traits }),
      ...(accountTraits === undefined ? {} : { accountTraits }),
      ...(audiences === undefined ? {} : { audiences }),
    },
  }
}
