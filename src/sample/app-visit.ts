import type { Row } from './csv-file.ts'
import type { Phone } from './devices.ts'
import { userTraits } from './people.ts'
import { openCart, orderProperties, viewProduct } from './shopping.ts'
import { send, track, type Visit } from './visit.ts'

/** A visit with the iOS app. `logsIn`: the person has an account and enters it here. */
export function visitApp(visit: Visit<Phone>, logsIn: boolean, registered: number): void {
  const { random, device, person } = visit
  const version = '4.2.0'
  if (!device.installed) {
    device.installed = true
    track(visit, 'ios.application_installed', 'Application Installed', { version })
  }
  const opened = { from_background: random.chance(0.4), version }
  track(visit, 'ios.application_opened', 'Application Opened', opened)
  send(visit, ['ios.screens', { name: 'Home' }])
  if (logsIn && device.userId !== person.userId) {
    device.userId = person.userId
    send(visit, ['ios.screens', { name: 'Sign in' }])
    const traits: Row = { ...userTraits(random, person, registered), push_enabled: random.chance(0.7) }
    send(visit, ['ios.identifies', { ...traits, context_device_token: device.pushToken }])
  }

  const cart = openCart(visit)
  const views = random.geometric(0.58, 20)
  for (let view = 0; view < views; view++) {
    viewProduct(visit, cart, () => send(visit, ['ios.screens', { name: 'Product' }]))
  }
  if (cart.lines.length === 0 || !random.chance(0.6)) return
  send(visit, ['ios.screens', { name: 'Checkout' }])
  if (device.userId !== undefined) {
    track(visit, 'ios.order_completed', 'Order Completed', orderProperties(visit, cart))
  }
}
