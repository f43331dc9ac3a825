import type { Session } from '../engine/session.ts'

const booleans = new Set([
  'CLIENT_SESSION_KEEP_ALIVE',
  'USE_CACHED_RESULT',
  'JS_TREAT_INTEGER_AS_BIGINT',
  'CLIENT_TELEMETRY_ENABLED',
  'AUTOCOMMIT',
])

/** The driver takes these from each answer: what is not told here has no effect there. */
export function parametersOf(session: Session): readonly { name: string; value: unknown }[] {
  const all = new Map<string, unknown>([
    ['TIMEZONE', 'UTC'],
    ['CLIENT_PREFETCH_THREADS', 4],
    ['CLIENT_TELEMETRY_ENABLED', false],
    ['CLIENT_STAGE_ARRAY_BINDING_THRESHOLD', 65_280],
    ['QUERY_CONTEXT_CACHE_SIZE', 5],
    ['TIMESTAMP_OUTPUT_FORMAT', 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM'],
    ['TIMESTAMP_NTZ_OUTPUT_FORMAT', 'YYYY-MM-DD HH24:MI:SS.FF3'],
    ['DATE_OUTPUT_FORMAT', 'YYYY-MM-DD'],
  ])
  for (const [name, value] of session.parameters) {
    all.set(
      name,
      booleans.has(name)
        ? value.toLowerCase() === 'true'
        : /^\d+$/.test(value) && name !== 'QUERY_TAG'
          ? Number(value)
          : value,
    )
  }
  return [...all].map(([name, value]) => ({ name, value }))
}
