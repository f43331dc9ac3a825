import { type Random, uuid } from './random.ts'

/** A browser: a cookie, and who is logged in now. Changes as the person uses it. */
export interface Browser {
  readonly kind: 'web'
  anonymousId: string
  userId: string | undefined
  readonly ip: string
  readonly skew: number
}

/** A phone with the shop's app. */
export interface Phone {
  readonly kind: 'ios'
  readonly anonymousId: string
  userId: string | undefined
  readonly deviceId: string
  /** Present where the owner allows tracking. */
  readonly advertisingId: string | undefined
  readonly pushToken: string
  readonly model: string
  readonly skew: number
  installed: boolean
}

/** What phones send when tracking is off: a junk identifier unless blocked. */
export const noAdvertisingId = '00000000-0000-0000-0000-000000000000'

export function makeBrowser(random: Random): Browser {
  const ip = `203.0.113.${random.integer(1, 254)}`
  return { kind: 'web', anonymousId: uuid(random), userId: undefined, ip, skew: clockSkew(random) }
}

export function makePhone(random: Random): Phone {
  return {
    kind: 'ios',
    anonymousId: uuid(random).toUpperCase(),
    userId: undefined,
    deviceId: uuid(random).toUpperCase(),
    advertisingId: random.chance(0.4) ? uuid(random).toUpperCase() : undefined,
    pushToken: uuid(random).replaceAll('-', ''),
    model: random.pick(['iPhone14,5', 'iPhone15,2', 'iPhone16,1', 'iPad13,18']),
    skew: clockSkew(random),
    installed: false,
  }
}

/** Most clocks are right to the second; some are hours off. In milliseconds. */
function clockSkew(random: Random): number {
  return random.chance(0.06) ? random.integer(-5, 5) * 3_600_000 : random.integer(-900, 900)
}
