const ids = ['id', 'anonymous_id', 'user_id']
const times = ['received_at', 'sent_at', 'original_timestamp', 'timestamp', 'uuid_ts']
const call = [...ids, ...times]
/** The shop leaves two times that analysts do not use out of its big tables. */
const bigCall = [...ids, 'received_at', 'timestamp', 'uuid_ts']
const event = [...bigCall, 'event', 'event_text']

const web = ['context_library_name', 'context_ip']
const campaign = ['context_campaign_source', 'context_campaign_medium', 'context_campaign_name']
const webVisit = [...web, ...campaign]
const iosDevice = ['context_device_id', 'context_device_type']
const ios = [
  'context_library_name',
  ...iosDevice,
  'context_device_advertising_id',
  'context_device_ad_tracking_enabled',
  'context_device_model',
  'context_app_version',
]

const product = ['product_id', 'name', 'category', 'price', 'currency']
const order = ['order_id', 'revenue', 'shipping', 'discount', 'coupon', 'currency', 'product_ids', 'products']
const user = [
  'email',
  'first_name',
  'last_name',
  'phone',
  'newsletter',
  'address_city',
  'address_country',
  'created_at',
]

/** The warehouse of the sample shop: the Segment schemas `web` and `ios`, the till's orders, the shop's own tables. */
export const tables = {
  'web.identifies': [...call, ...webVisit, ...user],
  'web.groups': [...call, ...web, 'group_id', 'name', 'plan', 'employees', 'industry', 'website'],
  'web.pages': [...bigCall, ...webVisit, 'name', 'path', 'referrer', 'title'],
  'web.tracks': [...call, ...webVisit, 'event', 'event_text'],
  'web.aliases': [...call, 'previous_id'],
  'web.signed_up': [...event, 'method'],
  'web.user_logged_in': [...event, 'method'],
  'web.newsletter_subscribed': [...event, 'list'],
  'web.product_viewed': [...event, ...product, 'tags'],
  'web.product_added': [...event, ...product, 'quantity', 'cart_id'],
  'web.checkout_started': [...event, 'cart_id', 'value', 'currency'],
  'web.order_completed': [...event, ...campaign, ...order],
  'web.order_refunded': [...event, 'order_id', 'revenue', 'currency', 'reason'],
  'web.quote_requested': [...event, 'project_type', 'budget', 'message'],
  'ios.identifies': [...call, ...ios, 'context_device_token', ...user, 'push_enabled'],
  'ios.screens': [...bigCall, ...ios, 'name'],
  'ios.tracks': [...call, ...ios, 'event', 'event_text'],
  'ios.application_installed': [...event, ...iosDevice, 'version'],
  'ios.application_opened': [...event, ...iosDevice, 'from_background', 'version'],
  'ios.product_viewed': [...event, ...iosDevice, ...product, 'tags'],
  'ios.product_added': [...event, ...iosDevice, ...product, 'quantity', 'cart_id'],
  'ios.order_completed': [...event, ...iosDevice, ...order],
  'pos.orders': [
    'order_id',
    'ordered_at',
    'loaded_at',
    'store_name',
    'customer_id',
    'customer_email',
    'total',
    'currency',
    'payment_method',
    'items',
  ],
  'shop.subscriptions': [
    'subscription_id',
    'customer_id',
    'plan',
    'status',
    'monthly_price',
    'boxes_shipped',
    'started_on',
    'cancelled_on',
  ],
  'shop.products': ['product_id', 'name', 'category', 'unit_price', 'unit_cost'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type TableName = keyof typeof tables
