import type { Condition, History } from './conditions.ts'
import { readInstant } from './read-tests.ts'
import type { Reading } from './reading.ts'

export interface RawHistory {
  readonly history_since?: string
}

/** From when on events count, for definitions that are not filled with what happened before they were made. */
export function readHistory(raw: RawHistory, reading: Reading): History {
  const since = raw.history_since
  return since === undefined ? {} : { historySince: readInstant(since, raw, 'history_since', reading) }
}

/** What follows an event comes after it, so only the event itself must be late enough. */
export function withHistory(condition: Condition, history: History): Condition {
  if (history.historySince === undefined) return condition
  const inner = (of: Condition): Condition => withHistory(of, history)
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { ...condition, conditions: condition.conditions.map(inner) }
    case 'not':
    case 'users':
      return { ...condition, condition: inner(condition.condition) }
    case 'event':
      return { ...condition, ...history }
    case 'trait':
    case 'audience':
    case 'related':
      return condition
  }
}
