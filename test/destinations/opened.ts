import type { Change, DestinationType, Fields, Session, SessionContext } from '../../src/sync/destination.ts'
import { builtIn } from '../../src/sync/destinations/registry.ts'
import type { FieldType } from '../../src/sync/mapping/field-types.ts'

/** Fields that every contract is tried with. */
const fieldTypes: readonly FieldType[] = [
  { name: 'email', type: 'text' },
  { name: 'spent', type: 'number' },
  { name: 'orders', type: 'integer' },
  { name: 'vip', type: 'boolean' },
  { name: 'likes', type: 'json' },
]

const context: SessionContext = {
  sync: 'people',
  mode: 'mirror',
  entity: 'user',
  about: { kind: 'records' },
  runId: '20260601T000000Z-abcdef',
  fields: fieldTypes,
  startedAt: '2026-06-01T00:00:00.000Z',
  version: '0.0.0',
}

export async function typeOf(type: string): Promise<DestinationType> {
  const load = builtIn[type]
  if (load === undefined) throw new Error(`no destination ${type}`)
  return await load()
}

/** A session of a built-in destination with its settings read as those of a project are. */
export async function opened(
  type: string,
  settings: unknown,
  more: Partial<SessionContext> = {},
): Promise<Session> {
  const destination = await typeOf(type)
  const session = await destination.open(destination.settings.parse(settings), { ...context, ...more })
  await session.prepare?.(new AbortController().signal)
  return session
}

let made = 0

export function change(
  operation: Change['operation'],
  key: string,
  fields: Fields,
  more: Partial<Change> = {},
): Change {
  made += 1
  return { operation, key, fields, changed: [], idempotencyKey: `id${made}`, ...more }
}

/** Texts that break what is put together carelessly. */
export const awkward: readonly string[] = [
  "O'Brien; drop table people; --",
  'quote " and \\ and \\n',
  'naïve ümlaut Zürich 東京 🙂',
  'line one\nline two\r\ttab',
  '${not} {{a}} %s template',
  '=HYPERLINK("http://x")',
  'null',
  '',
]
