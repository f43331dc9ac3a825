import type { Random } from './random.ts'

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

const dates = new Map<number, string>()

/** Milliseconds since 1970 as a UTC timestamp without zone; four times as fast as `toISOString`. */
export function timestampText(ms: number): string {
  const whole = Math.floor(ms)
  const rest = ((whole % day) + day) % day
  const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`)
  const thousandths = `${rest % second}`.padStart(3, '0')
  const clock = `${two(Math.floor(rest / hour))}:${two(Math.floor(rest / minute) % 60)}`
  return `${dateText(whole)} ${clock}:${two(Math.floor(rest / second) % 60)}.${thousandths}`
}

/** The UTC date of an instant. */
export function dateText(ms: number): string {
  const number = Math.floor(ms / day)
  let text = dates.get(number)
  if (text === undefined) {
    text = new Date(number * day).toISOString().slice(0, 10)
    dates.set(number, text)
  }
  return text
}

/** How busy the shop is by hour (UTC): a bump at lunch, the peak after dinner. */
const busyHours = [2, 1, 1, 1, 1, 2, 5, 9, 12, 14, 16, 18, 20, 17, 14, 14, 16, 19, 23, 28, 30, 24, 14, 6]
const busiestHour = Math.max(...busyHours)

/** Sunday first: gardening happens at weekends. */
const busyDays = [1, 0.55, 0.5, 0.55, 0.6, 0.7, 0.95]

/** Moves an instant to a believable hour near it: within two days, later rather than earlier. */
export function believableTime(random: Random, around: number): number {
  let date = Math.floor(around / day)
  for (let tries = 0; tries < 2 && !random.chance(weight(busyDays, (date + 4) % 7)); tries++) date++
  let clock = random.integer(0, 23)
  while (!random.chance(weight(busyHours, clock) / busiestHour)) clock = random.integer(0, 23)
  return date * day + clock * hour + random.integer(0, hour - 1)
}

function weight(weights: readonly number[], index: number): number {
  return weights[index] ?? 1
}
