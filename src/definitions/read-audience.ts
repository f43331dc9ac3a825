import { problem } from '../diagnostics/problem.ts'
import type { RawAudience } from './definition-shapes.ts'
import type { Audience } from './definitions.ts'
import { readHistory, withHistory } from './history.ts'
import { readQuery } from './query/read-query.ts'
import { readMatch } from './read-condition.ts'
import { type Reading, readCarried } from './reading.ts'

export function readAudience(raw: RawAudience, reading: Reading): Audience {
  const { places } = reading
  const { entity = 'user', include_anonymous: includeAnonymous } = raw
  if (entity === 'account' && includeAnonymous !== undefined) {
    const detail = 'has a meaning only for users'
    reading.report(
      problem('PSN2033', { key: 'include_anonymous', detail }, places.keySpan(raw, 'include_anonymous')),
    )
  }
  const history = readHistory(raw, reading)
  const match = 'query' in raw ? readQuery(raw, entity, reading) : readMatch(raw.match, entity, reading)
  return {
    ...readCarried(raw, places),
    entity,
    includeAnonymous: includeAnonymous ?? false,
    ignoreWarnings: raw.ignore_warnings ?? [],
    ...history,
    match: withHistory(match, history),
  }
}
