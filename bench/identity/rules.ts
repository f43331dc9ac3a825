import type { Frequency, IdentityRules } from '../../src/definitions/definitions.ts'
import { defaultHardLimits, type HardLimits } from '../../src/identity/limits.ts'
import { identifierTypes } from './cdp-events.ts'

export interface Limits {
  readonly rules: IdentityRules
  readonly hardLimits: HardLimits
}

/** None that is ever reached, or those of a company that takes care. */
export const limits = {
  none: {
    rules: rulesOf(() => ({ limit: 1_000_000_000, frequency: 'ever' })),
    hardLimits: { mappings: 1_000_000_000, merges: 1_000_000_000 },
  },
  usual: {
    rules: rulesOf((type) => ({
      limit: type === 'user_id' ? 1 : 5,
      frequency: type === 'anonymous_id' ? 'weekly' : 'ever',
    })),
    hardLimits: defaultHardLimits,
  },
} as const satisfies Record<string, Limits>

function rulesOf(
  of: (type: string) => { readonly limit: number; readonly frequency: Frequency },
): IdentityRules {
  return {
    identifiers: identifierTypes.map(({ type }, index) => ({
      type,
      priority: index + 1,
      ...of(type),
      blocked: [],
      normalize: 'none',
      locations: ['traits'],
    })),
  }
}
