import type { Condition, PropertyCondition } from '../definitions/conditions.ts'

/** For a condition of which no more is known than that it is equal to itself, wherever it stands. */
export function opaqueKey(condition: Condition | PropertyCondition): string {
  return JSON.stringify(condition, (key, value: unknown) => (/spans?$/i.test(key) ? undefined : value))
}
