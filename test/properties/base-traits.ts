import { evaluateTrait } from '../reference/definitions/traits.ts'
import type { Plain } from '../reference/definitions/values.ts'
import type { World } from '../reference/definitions/world.ts'
import { baseKinds, baseTraits } from './definition-arbitraries.ts'

/** The world as it is once the traits that others refer to are computed. */
export function withBaseTraits(world: World): World {
  const values = new Map(baseTraits.map((raw) => [raw, evaluateTrait(world, raw)]))
  const of = (entity: string, id: string): Record<string, Plain> =>
    Object.fromEntries(
      [...values]
        .filter(([raw]) => raw.entity === entity)
        .map(([raw, found]) => [String(raw.name), found.get(id) ?? null]),
    )
  return {
    ...world,
    userTraits: { ...world.userTraits, ...baseKinds.user },
    accountTraits: { ...world.accountTraits, ...baseKinds.account },
    users: world.users.map((user) => ({ ...user, traits: { ...user.traits, ...of('user', user.id) } })),
    accounts: world.accounts.map((account) => ({
      ...account,
      traits: { ...account.traits, ...of('account', account.id) },
    })),
  }
}
