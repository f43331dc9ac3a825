import { cursorMember, cursorOf, parseCursor } from '../cursor.ts'
import { instantPattern, parseInstant } from '../instant.ts'
import { listed, takeLines } from '../take-lines.ts'
import { sortKey } from './external-ids.ts'
import { cursorSchema, limitParameter, nextParameter, type Resource } from './resource.ts'

interface EventsQuery {
  readonly limit: number
  readonly next?: string
  readonly start?: string
  readonly end?: string
  readonly include?: string
  readonly exclude?: string
  readonly sort: 'asc' | 'desc'
}

const eventSchema = {
  type: 'object',
  required: [
    'external_ids',
    'type',
    'event',
    'message_id',
    'source_id',
    'timestamp',
    'context',
    'properties',
    'related',
  ],
  properties: {
    external_ids: { type: 'array', items: { type: 'object', additionalProperties: true } },
    type: { type: 'string', enum: ['track'] },
    event: { type: 'string' },
    message_id: { type: 'string' },
    source_id: { type: 'string' },
    timestamp: { type: 'string' },
    context: { type: 'object', additionalProperties: true },
    properties: { type: 'object', additionalProperties: true },
    related: { type: 'object', additionalProperties: { type: 'string' } },
  },
}

function instantParameter(description: string): object {
  return { type: 'string', pattern: instantPattern, description }
}

export const events: Resource<EventsQuery> = {
  name: 'events',
  summary: 'Track events of the 14 days before `Personas-As-Of`.',
  query: {
    limit: limitParameter(100),
    next: nextParameter,
    start: instantParameter('Not before this ISO date or instant; UTC unless it has a zone.'),
    end: instantParameter('Before this ISO date or instant; UTC unless it has a zone.'),
    include: { type: 'string', description: 'Names of events, separated by commas; all unless given.' },
    exclude: { type: 'string', description: 'Names of events to leave out, separated by commas.' },
    sort: { type: 'string', enum: ['asc', 'desc'], default: 'desc', description: 'By time.' },
  },
  answer: {
    type: 'object',
    required: ['data', 'cursor'],
    additionalProperties: false,
    properties: { data: { type: 'array', items: eventSchema }, cursor: cursorSchema },
  },
  parts: () => ['events'],
  body(query, { found, url }) {
    const { limit, sort } = query
    const { lines, hasMore } = takeLines(found.parts.events, limit, wantedOf(query), sort === 'desc')
    const last = hasMore ? lines.at(-1) : undefined
    const next =
      last &&
      cursorOf(
        'events',
        sortKey(last)
          .map((each) => JSON.stringify(each))
          .join(','),
      )
    const data = lines.map((line) => line.slice(line.lastIndexOf('\t') + 1))
    return `{"data":[${data.join(',')}],${cursorMember({ url, limit, next })}}`
  },
}

function wantedOf(query: EventsQuery): ((line: string) => boolean) | undefined {
  const [included, excluded] = [listed(query.include), listed(query.exclude)]
  const start = query.start === undefined ? undefined : parseInstant('start', query.start)
  const end = query.end === undefined ? undefined : parseInstant('end', query.end)
  const after = parseCursor('events', 2, query.next)?.join('\t')
  const constraints = [included, excluded, start, end, after]
  if (constraints.every((each) => each === undefined)) return undefined
  return (line) => {
    const [instant = '', key, name = ''] = line.split('\t', 3)
    if (included !== undefined && !included.has(name)) return false
    if (excluded?.has(name) === true) return false
    if (start !== undefined && instant < start) return false
    if (end !== undefined && instant >= end) return false
    if (after === undefined) return true
    return query.sort === 'desc' ? `${instant}\t${key}` < after : `${instant}\t${key}` > after
  }
}
