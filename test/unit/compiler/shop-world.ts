import type { World } from '../../reference/definitions/world.ts'

/** The columns of a small shop, to compile against. */
export const shop: Pick<World, 'events' | 'userTraits' | 'accountTraits' | 'tables'> = {
  userTraits: { plan: 'text', avg_spend: 'number', signed_up_at: 'timestamp', newsletter: 'boolean' },
  accountTraits: { plan: 'text', seats: 'integer' },
  events: {
    'Order Completed': {
      properties: {
        revenue: 'number',
        currency: 'text',
        coupon: 'text',
        product_id: 'text',
        products: 'text',
        gift: 'boolean',
        quantity: 'integer',
        delivered_at: 'timestamp',
      },
      contexts: { 'page.url': 'text' },
    },
    'Product Viewed': { properties: { category: 'text', product_id: 'text', price: 'text' }, contexts: {} },
    'Product Added': { properties: { product_id: 'text' }, contexts: {} },
    'User Logged In': { properties: {}, contexts: {} },
  },
  tables: {
    carts: {
      columns: {
        id: 'integer',
        owner_email: 'text',
        status: 'text',
        total: 'number',
        created_at: 'timestamp',
      },
      rows: [],
    },
    products: { columns: { sku: 'text', category: 'text', price: 'number' }, rows: [] },
    cart_items: { columns: { cart_id: 'integer', product_sku: 'text' }, rows: [] },
    tiers: { columns: { code: 'text', discount: 'integer' }, rows: [] },
  },
}
