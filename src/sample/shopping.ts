import { chooseProduct, money, type Product } from './catalogue.ts'
import type { Row } from './csv-file.ts'
import { track, type Visit } from './visit.ts'
import { scramble } from './world.ts'

interface Line {
  readonly product: Product
  readonly quantity: number
}

/** What a visit has put into its cart. */
export interface Cart {
  readonly id: string
  readonly lines: Line[]
}

export function openCart(visit: Visit): Cart {
  return { id: `cart_${scramble(visit.random.bits())}`, lines: [] }
}

/** Looks at a product and perhaps puts it into the cart; `show` is the page or screen it is seen on. */
export function viewProduct(visit: Visit, cart: Cart, show: (product: Product) => void): void {
  const { random, person } = visit
  const product = chooseProduct(random, person.favourite)
  show(product)
  const shown = describe(product, person.currency)
  const tags = JSON.stringify(product.tags)
  track(visit, `${visit.device.kind}.product_viewed`, 'Product Viewed', { ...shown, tags })
  if (!random.chance(person.temptation)) return
  const quantity = 1 + random.geometric(0.3, 6)
  cart.lines.push({ product, quantity })
  const added = { ...shown, quantity, cart_id: cart.id }
  track(visit, `${visit.device.kind}.product_added`, 'Product Added', added)
}

/** The properties of Order Completed, priced from the cart. Vouchers take 10 or 15 % off. */
export function orderProperties(visit: Visit, cart: Cart): Row {
  const { random, person, world } = visit
  const goods = cart.lines.reduce((sum, line) => sum + line.product.cents * line.quantity, 0)
  const coupon = random.chance(0.18) ? random.pick(['SPRING15', 'WELCOME15', 'FROST10']) : undefined
  const discount = coupon === undefined ? 0 : Math.round(goods * (coupon === 'FROST10' ? 0.1 : 0.15))
  const shipping = goods >= 6000 ? 0 : 495
  return {
    order_id: `web_${400_000 + world.nextOrder()}`,
    revenue: money(goods - discount + shipping),
    shipping: money(shipping),
    discount: discount === 0 ? undefined : money(discount),
    coupon,
    currency: person.currency,
    product_ids: JSON.stringify(cart.lines.map((line) => line.product.id)),
    products: productsJson(cart.lines, person.currency),
  }
}

/** Array properties reach the warehouse as JSON text. */
export function productsJson(lines: readonly Line[], currency: string): string {
  return JSON.stringify(
    lines.map(({ product, quantity }) => ({
      product_id: product.id,
      name: product.name,
      price: product.cents / 100,
      quantity,
      currency,
    })),
  )
}

function describe(product: Product, currency: string): Row {
  return {
    product_id: product.id,
    name: product.name,
    category: product.category,
    price: money(product.cents),
    currency,
  }
}
