import { randomBytes } from 'node:crypto'

/** Sorts by start, and two runs that start in the same second differ: `20260601T120000Z-9f2c1a`. */
export function newRunId(startedAt: Date): string {
  const instant = startedAt.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')
  return `${instant}Z-${randomBytes(3).toString('hex')}`
}
