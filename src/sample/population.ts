import { type Business, makeBusiness } from './business.ts'
import { makeBrowser, makePhone, type Phone } from './devices.ts'
import { day } from './instants.ts'
import { live, type SharedDevices } from './lives.ts'
import { makePerson, type Person } from './people.ts'
import { type Random, seededRandom } from './random.ts'
import { callRow, type World } from './world.ts'

/** Streams of random values that are not a person's. */
const storeTablets = -1

/**
 * Lets people live one group at a time: a single, a household with a shared computer and tablet, or the staff of a
 * business. Each group has its own random stream, so more people leave the earlier ones as they were.
 *
 * @yields the number of people so far, after each group
 */
export function* populate(world: World, seed: number, people: number): Generator<number> {
  const tabletRandom = seededRandom(seed, storeTablets)
  const tablets = [makePhone(tabletRandom), makePhone(tabletRandom)]
  const businesses: Business[] = []
  let first = 0
  while (first < people) {
    const random = seededRandom(seed, first)
    const kind = random.unit()
    const staffed = kind < 0.018
    const size = staffed ? 1 + random.geometric(0.6, 8) : kind < 0.055 ? 2 : 1
    const last = Math.min(people, first + size)
    const own = staffed ? [makeBusiness(random, businesses.length, world.until)] : []
    businesses.push(...own)
    const household: SharedDevices = !staffed && size === 2 ? shareDevices(random) : {}
    for (let index = first; index < last; index++) {
      const person = makePerson(random, index, world.until, staffed)
      // Some also work for the first business of the town, which hires everybody.
      const second = staffed && random.chance(0.05) ? businesses.slice(0, 1) : []
      live(
        world,
        random,
        person,
        [...new Set([...own, ...second])],
        household.browser ? household : storeTablet(random, tablets),
      )
      previousId(world, random, person)
    }
    first = last
    yield first
  }
}

function shareDevices(random: Random): SharedDevices {
  return { browser: makeBrowser(random), phone: makePhone(random) }
}

/** One person in fifty tries the app on the tablet of a store. */
function storeTablet(random: Random, tablets: readonly Phone[]): SharedDevices {
  return random.chance(0.02) ? { phone: random.pick(tablets) } : {}
}

/** Alias calls of an old release: kept, but they join nobody. */
function previousId(world: World, random: Random, person: Person): void {
  if (person.kind !== 'customer' || !random.chance(0.002)) return
  const moment = { at: Math.floor(person.firstSeen + day), delay: 0, skew: 0 }
  const call = callRow(world, random, 'ajs', { userId: person.userId }, moment)
  if (call !== undefined) world.add('web.aliases', { ...call, previous_id: `legacy-${person.userId}` })
}
