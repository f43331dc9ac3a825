import type { Business } from './business.ts'
import type { Row } from './csv-file.ts'
import type { Browser } from './devices.ts'
import { day } from './instants.ts'
import { userTraits } from './people.ts'
import { type Random, uuid } from './random.ts'
import { openCart, orderProperties, viewProduct } from './shopping.ts'
import { send, track, type Visit } from './visit.ts'
import { callRow } from './world.ts'

export interface WebIntent {
  /** `registers`: a new account; `logs in`: one that exists. */
  readonly account: 'none' | 'registers' | 'logs in' | 'subscribes to the newsletter'
  /** When the person's account was created, in milliseconds since 1970. */
  readonly registered: number
  readonly businesses: readonly Business[]
  readonly logsOut: boolean
}

/** A visit to the web shop: pages, products, perhaps an account, a cart, an order, a refund days later. */
export function visitWebShop(visit: Visit<Browser>, intent: WebIntent): void {
  const { random, person } = visit
  const cart = openCart(visit)
  page(visit, 'Home', '/', 'Fernhill', random.chance(0.4) ? 'https://search.example/' : undefined)
  if (intent.account === 'logs in' && random.chance(0.5)) enterAccount(visit, intent)

  const views = random.geometric(0.56, 25)
  for (let view = 0; view < views; view++) {
    viewProduct(visit, cart, (product) => {
      page(visit, 'Product', `/products/${product.id}`, product.name)
    })
  }
  if (intent.account !== 'none' && visit.device.userId === undefined) enterAccount(visit, intent)
  if (random.chance(0.03)) page(visit, 'Sale', '/sale', 'Sale – up to 50 % off')
  if (intent.businesses.length > 0 && visit.device.userId !== undefined)
    talkBusiness(visit, intent.businesses)

  if (cart.lines.length > 0 && random.chance(0.72)) {
    const value = cart.lines.reduce((sum, line) => sum + line.product.cents * line.quantity, 0) / 100
    const started = { cart_id: cart.id, value: value.toFixed(2), currency: person.currency }
    track(visit, 'web.checkout_started', 'Checkout Started', started)
    if (random.chance(0.7)) buy(visit, orderProperties(visit, cart))
  }
  if (intent.logsOut) visit.device.userId = undefined
}

function buy(visit: Visit<Browser>, order: Row): void {
  const { random, person, device } = visit
  // A guest leaves an e-mail but has no account.
  if (device.userId === undefined) send(visit, ['web.identifies', { email: person.email }])
  track(visit, 'web.order_completed', 'Order Completed', order)
  if (device.userId !== undefined && random.chance(0.1)) refund(visit, order)
}

/** Sent by the shop's server, which knows the customer but no browser. */
function refund(visit: Visit<Browser>, order: Row): void {
  const { world, random, device } = visit
  const moment = { at: Math.floor(visit.at + random.integer(2, 20) * day), delay: 0, skew: 0 }
  const call = callRow(world, random, 'srv', { userId: device.userId }, moment)
  if (call === undefined) return
  const row = { ...call, context_library_name: 'analytics-node' }
  const event = { event: 'order_refunded', event_text: 'Order Refunded' }
  const reason = random.pick(['arrived broken', 'wrong size', "didn't grow", 'other'])
  world.add('web.tracks', { ...row, ...event })
  const { order_id, revenue, currency } = order
  world.add('web.order_refunded', { ...row, ...event, order_id, revenue, currency, reason })
}

function enterAccount(visit: Visit<Browser>, intent: WebIntent): void {
  const { random, person, device } = visit
  page(visit, 'Account', '/account', 'Your account')
  if (intent.account === 'subscribes to the newsletter') {
    send(visit, ['web.identifies', { email: person.email, newsletter: true }])
    track(visit, 'web.newsletter_subscribed', 'Newsletter Subscribed', {
      list: random.pick(['weekly', 'seasonal']),
    })
    return
  }
  device.userId = person.userId
  const method = random.pick(['password', 'password', 'google', 'apple'])
  if (intent.account === 'registers') track(visit, 'web.signed_up', 'Signed Up', { method })
  else track(visit, 'web.user_logged_in', 'User Logged In', { method })
  const traits: Row = userTraits(random, person, intent.registered)
  // Testers of the shop used one e-mail for many accounts.
  send(visit, ['web.identifies', random.chance(0.001) ? { ...traits, email: 'qa@fernhill.example' } : traits])
}

function talkBusiness(visit: Visit<Browser>, businesses: readonly Business[]): void {
  const { random } = visit
  for (const business of businesses) {
    const { groupId, name, employees, industry, website } = business
    const traits = { group_id: groupId, name, plan: business.planAt(visit.at), employees, industry, website }
    if (random.chance(0.5)) send(visit, ['web.groups', traits])
  }
  if (!random.chance(0.12)) return
  track(visit, 'web.quote_requested', 'Quote Requested', {
    project_type: random.pick(['office plants', 'roof terrace', 'courtyard', 'maintenance']),
    budget: random.integer(4, 120) * 250,
    message: random.pick([
      'Please call me.',
      'We’d like "something green" 🌿,\nby next month',
      "It's urgent, thanks!",
    ]),
  })
}

function page(visit: Visit<Browser>, name: string, path: string, title: string, referrer?: string): void {
  send(visit, ['web.pages', { name, path, title, referrer }])
}

/** Where a visit came from; most come from nowhere in particular. */
export function makeCampaign(random: Random): Row {
  if (!random.chance(0.22)) return {}
  const [source, medium, name] = random.pick([
    ['newsletter', 'email', 'spring-2026'],
    ['search', 'cpc', 'brand'],
    ['social', 'paid', 'balcony heroes 🌱'],
  ] as const)
  return { context_campaign_source: source, context_campaign_medium: medium, context_campaign_name: name }
}

/** Browsers forget: a new cookie, and nobody logged in. */
export function clearCookies(random: Random, device: Browser): void {
  device.anonymousId = uuid(random)
  device.userId = undefined
}
