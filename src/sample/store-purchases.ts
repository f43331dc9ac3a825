import { chooseProduct, money } from './catalogue.ts'
import { believableTime, day, hour, minute, timestampText } from './instants.ts'
import { type Person, typedEmail } from './people.ts'
import type { Random } from './random.ts'
import { productsJson } from './shopping.ts'
import type { World } from './world.ts'

/**
 * Purchases at the tills: one row an order in `pos.orders`. Some customers show their card (customer id), some give an
 * e-mail for the receipt, some neither; cashiers type `-1` where they do not want to ask.
 *
 * @param registered when the person got a customer number; undefined: never
 */
export function buyInStores(
  world: World,
  random: Random,
  person: Person,
  registered: number | undefined,
): void {
  const store = random.pick(['Hamburg Altona', 'Leipzig Süd', 'Köln Ehrenfeld', 'Wien 7'])
  const gap = random.logNormal(24, 0.6)
  let at = person.firstSeen + random.exponential(gap) * day
  while (at < world.until) {
    const bought = believableTime(random, at)
    // Tills upload at night; one store is offline now and then, and its orders come days later.
    const loaded =
      Math.ceil(bought / day) * day + 2 * hour + (random.chance(0.03) ? random.integer(1, 5) * day : 0)
    if (loaded < world.until) {
      const known = registered !== undefined && bought > registered
      const lines = Array.from({ length: 1 + random.geometric(0.45, 7) }, () => ({
        product: chooseProduct(random, person.favourite),
        quantity: 1 + random.geometric(0.2, 4),
      }))
      const asked = random.unit()
      world.add('pos.orders', {
        order_id: `pos_${700_000 + world.nextOrder()}`,
        ordered_at: timestampText(bought),
        loaded_at: timestampText(loaded + 3 * minute),
        store_name: random.chance(0.9) ? store : 'Hamburg Altona',
        customer_id: known && asked < 0.6 ? person.userId : asked > 0.94 ? '-1' : undefined,
        customer_email: asked < 0.85 ? typedEmail(random, person) : undefined,
        total: money(lines.reduce((sum, line) => sum + line.product.cents * line.quantity, 0)),
        currency: 'EUR',
        payment_method: random.pick(['card', 'card', 'cash']),
        items: productsJson(lines, 'EUR'),
      })
    }
    if (random.chance(0.12)) return
    at = bought + random.exponential(gap) * day + hour
  }
}
