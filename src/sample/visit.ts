import type { Row } from './csv-file.ts'
import type { Browser, Phone } from './devices.ts'
import { noAdvertisingId } from './devices.ts'
import { second } from './instants.ts'
import type { Person } from './people.ts'
import type { Random } from './random.ts'
import type { TableName } from './tables.ts'
import { callRow, deliveredAgain, type World } from './world.ts'

/** One person on one device for some minutes; `at` moves on with each call. */
export interface Visit<Device extends Browser | Phone = Browser | Phone> {
  readonly world: World
  readonly random: Random
  readonly person: Person
  readonly device: Device
  readonly delay: number
  readonly campaign: Row
  /** A broken release of the shop that sends this instead of the user id. */
  readonly junkUserId: string | undefined
  at: number
}

const deliveredTwice = 0.005

/**
 * Makes a call and writes its rows, one for each table it belongs to, as Segment's loader does.
 *
 * @param rows each a table and the columns it has besides those of every call
 */
export function send(visit: Visit, ...rows: readonly (readonly [TableName, ...Row[]])[]): void {
  const { world, random, device } = visit
  visit.at += second + random.exponential(35 * second)
  const caller = { anonymousId: device.anonymousId, userId: visit.junkUserId ?? device.userId }
  const moment = { at: Math.floor(visit.at), delay: visit.delay, skew: device.skew }
  const call = callRow(world, random, device.kind === 'web' ? 'ajs' : 'ios', caller, moment)
  if (call === undefined) return
  const context = device.kind === 'web' ? webContext(device, visit.campaign) : iosContext(device)
  const again = random.chance(deliveredTwice) ? deliveredAgain(call, world, random) : undefined
  for (const [table, ...parts] of rows) {
    world.add(table, ...parts, call, context)
    if (again !== undefined) world.add(table, ...parts, again, call, context)
  }
}

/** A track call: one row in `tracks`, one in the table of the event. */
export function track(visit: Visit, table: TableName, name: string, properties: Row): void {
  const event = { event: table.slice(table.indexOf('.') + 1), event_text: name }
  send(visit, [`${visit.device.kind}.tracks`, event], [table, properties, event])
}

function webContext(device: Browser, campaign: Row): Row {
  return { context_library_name: 'analytics.js', context_ip: device.ip, ...campaign }
}

function iosContext(phone: Phone): Row {
  return {
    context_library_name: 'analytics-swift',
    context_device_id: phone.deviceId,
    context_device_type: 'ios',
    context_device_advertising_id: phone.advertisingId ?? noAdvertisingId,
    context_device_ad_tracking_enabled: phone.advertisingId !== undefined,
    context_device_model: phone.model,
    context_app_version: '4.2.0',
  }
}
