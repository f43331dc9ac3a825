import { randomInt, randomUUID } from 'node:crypto'

/** UUIDs that share what a process drew once and are counted from there: drawing each would take as long as a look-up of a token. */
export function requestIds(): () => string {
  const drawn = randomUUID().slice(0, -12)
  let next = randomInt(2 ** 47)
  return () => {
    next += 1
    return drawn + next.toString(16).padStart(12, '0')
  }
}
