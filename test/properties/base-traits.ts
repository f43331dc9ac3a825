import type { Raw } from '../reference/definitions/conditions.ts'
import { evaluateTrait } from '../reference/definitions/traits.ts'
import type { Plain } from '../reference/definitions/values.ts'
import type { World } from '../reference/definitions/world.ts'
import { accountTraits, userTraits } from './world-arbitraries.ts'

/** Traits that are computed before the others, which may refer to them: of known users, of all, with a default, of accounts. */
export const baseTraits: readonly Raw[] = [
  { name: 'known_orders', entity: 'user', type: 'count', event: 'Order Completed' },
  { name: 'all_orders', entity: 'user', type: 'count', event: 'order', include_anonymous: true },
  { name: 'spent', entity: 'user', type: 'sum', event: 'Product Viewed', property: 'amount', default: 1 },
  { name: 'firm_orders', entity: 'account', type: 'count', event: 'Order Completed', default: 0 },
]
export const baseKinds = {
  user: { known_orders: 'integer', all_orders: 'integer', spent: 'number' },
  account: { firm_orders: 'integer' },
} as const
export const userReferences = Object.keys({ ...userTraits, ...baseKinds.user }).map((trait) => ({ trait }))
export const accountReferences = Object.keys({ ...accountTraits, ...baseKinds.account }).map((trait) => ({
  trait,
}))

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
