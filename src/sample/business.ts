import { day } from './instants.ts'
import { historyDays } from './people.ts'
import type { Random } from './random.ts'

/** A company that buys from the shop: an account. */
export interface Business {
  readonly groupId: string
  readonly name: string
  readonly industry: string
  readonly employees: number
  readonly website: string
  /** Some change their plan once. */
  planAt(at: number): string
}

const plans = ['free', 'pro', 'enterprise'] as const

export function makeBusiness(random: Random, index: number, until: number): Business {
  const name = random.pick(['Green', 'Atlas', 'Nordlicht', 'Café', 'Studio', 'Hotel', 'Praxis', 'Werk'])
  const kind = random.pick(['& Sons', 'Landscapes', 'Office', '"Am Park"', 'GmbH', 'Collective'])
  const employees = Math.round(random.logNormal(14, 1.1)) + 1
  const first = employees > 45 ? 2 : random.chance(0.45) ? 1 : 0
  const changed = random.chance(0.2) ? until - random.unit() * historyDays * day : Number.POSITIVE_INFINITY
  const after = random.chance(0.75) ? Math.min(2, first + 1) : 0
  return {
    groupId: `org_${500 + index}`,
    name: `${name} ${kind} ${index}`,
    industry: random.pick(['landscaping', 'hospitality', 'offices', 'health', 'retail']),
    employees,
    website: `https://org${index}.example`,
    planAt: (at) => plans[at < changed ? first : after] ?? 'free',
  }
}
