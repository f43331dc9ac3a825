import { visitApp } from './app-visit.ts'
import type { Business } from './business.ts'
import { type Browser, makeBrowser, makePhone, type Phone } from './devices.ts'
import { believableTime, day, hour } from './instants.ts'
import type { Person } from './people.ts'
import type { Random } from './random.ts'
import { buyInStores } from './store-purchases.ts'
import { subscribe } from './subscriptions.ts'
import { clearCookies, makeCampaign, visitWebShop, type WebIntent } from './web-visit.ts'
import type { World } from './world.ts'

/** Devices that several people use: a household's computer and tablet, or the tablets in the stores. */
export interface SharedDevices {
  readonly browser?: Browser
  readonly phone?: Phone
}

const junkUserIds = ['null', '-1', 'anonymous', '0000-0000'] as const
const mostVisits = 90

/** Everything one person does until the world ends. */
export function live(
  world: World,
  random: Random,
  person: Person,
  businesses: readonly Business[],
  shared: SharedDevices,
): void {
  let registered: number | undefined
  if (person.kind !== 'store customer') {
    const own = { browsers: [makeBrowser(random), makeBrowser(random)] as const, phone: makePhone(random) }
    let at = person.firstSeen
    for (let visit = 0; visit < mostVisits; visit++) {
      const start = believableTime(random, at)
      if (start >= world.until) break
      if (person.kind === 'customer' && visit === person.registersOnVisit) registered = start
      const device = chooseDevice(random, person, own, shared, registered === start)
      spendVisit(
        world,
        random,
        person,
        businesses,
        device,
        start,
        registered,
        visit,
        device === shared.browser,
      )
      if (random.chance(person.leaves)) break
      at = start + 2 * hour + random.exponential(person.gapDays) * day
    }
  }
  if (person.usesStore) buyInStores(world, random, person, registered)
  if (registered !== undefined && random.chance(0.11)) subscribe(world, random, person, registered)
}

function chooseDevice(
  random: Random,
  person: Person,
  own: { readonly browsers: readonly [Browser, Browser]; readonly phone: Phone },
  shared: SharedDevices,
  registers: boolean,
): Browser | Phone {
  // Accounts are created in the browser.
  if (!registers && person.usesApp && random.chance(0.55)) {
    return shared.phone !== undefined && random.chance(0.5) ? shared.phone : own.phone
  }
  if (shared.browser !== undefined && random.chance(0.6)) return shared.browser
  return own.browsers[random.chance(0.75) ? 0 : 1]
}

function spendVisit(
  world: World,
  random: Random,
  person: Person,
  businesses: readonly Business[],
  device: Browser | Phone,
  at: number,
  registered: number | undefined,
  visitNumber: number,
  sharedBrowser: boolean,
): void {
  const junkUserId = random.chance(0.004) ? random.pick(junkUserIds) : undefined
  const offline = random.chance(device.kind === 'ios' ? 0.04 : 0.004)
  const delay = offline ? random.integer(hour, 6 * day) : 0
  const campaign = device.kind === 'web' ? makeCampaign(random) : {}
  const visit = { world, random, person, delay, campaign, junkUserId, at }
  if (device.kind === 'ios') {
    visitApp({ ...visit, device }, registered !== undefined && random.chance(0.8), registered ?? at)
    return
  }
  if (random.chance(0.05)) clearCookies(random, device)
  const intent: WebIntent = {
    account: accountIntent(random, person, device, registered, at, visitNumber),
    registered: registered ?? at,
    businesses,
    logsOut: sharedBrowser || random.chance(0.08),
  }
  visitWebShop({ ...visit, device }, intent)
}

function accountIntent(
  random: Random,
  person: Person,
  device: Browser,
  registered: number | undefined,
  at: number,
  visitNumber: number,
): WebIntent['account'] {
  if (person.kind === 'reader')
    return visitNumber === 0 || random.chance(0.1) ? 'subscribes to the newsletter' : 'none'
  if (registered === undefined) return 'none'
  if (registered === at) return 'registers'
  return device.userId === undefined && random.chance(0.7) ? 'logs in' : 'none'
}
