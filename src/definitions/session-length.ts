import { durationParts } from './duration.ts'

const shortest = 30 * 60
const longest = 90 * 86_400

/** A pause that may end a session; others are refused with what they are. */
export function isSessionLength(seconds: number): boolean {
  return seconds >= shortest && seconds <= longest
}

export function writtenLength(seconds: number): string {
  const { amount, unit } = durationParts(seconds)
  return `${amount}${unit}`
}
