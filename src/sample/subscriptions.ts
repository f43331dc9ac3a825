import { dateText, day } from './instants.ts'
import type { Person } from './people.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

const clubPlans = [
  ['seedling', '9.90'],
  ['evergreen', '19.90'],
  ['old growth', '39.00'],
] as const

/** The plant club, from the shop's own database: a row per subscription; some people cancel and come back. */
export function subscribe(world: World, random: Random, person: Person, registered: number): void {
  let from = registered + random.exponential(20) * day
  for (let time = 0; time < 2 && from < world.until; time++) {
    const [plan, price] = random.pick(clubPlans)
    const left = random.chance(0.4) ? from + random.exponential(45) * day : Number.POSITIVE_INFINITY
    const cancelled = left < world.until
    world.add('shop.subscriptions', {
      subscription_id: `sub_${person.userId.slice(4)}_${time + 1}`,
      customer_id: person.userId,
      plan,
      status: cancelled ? 'cancelled' : random.chance(0.08) ? 'paused' : 'active',
      monthly_price: price,
      boxes_shipped: Math.floor((Math.min(left, world.until) - from) / (30 * day)),
      started_on: dateText(from),
      cancelled_on: cancelled ? dateText(left) : undefined,
    })
    if (!cancelled || !random.chance(0.3)) return
    from = left + random.exponential(15) * day
  }
}
