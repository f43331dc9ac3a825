import { cursorMember, cursorOf, parseCursor } from '../cursor.ts'
import { listed, takeLines, withMembers } from '../take-lines.ts'
import { cursorSchema, limitParameter, nextParameter, type Resource, verboseParameter } from './resource.ts'

interface ExternalIdsQuery {
  readonly limit: number
  readonly next?: string
  readonly include?: string
  readonly verbose: boolean
}

export const externalIdSchema = {
  type: 'object',
  required: ['collection', 'type', 'id', 'encoding', 'source_id', 'created_at'],
  properties: {
    collection: { type: 'string', enum: ['users', 'accounts'] },
    type: { type: 'string' },
    id: { type: 'string' },
    encoding: { type: 'string', enum: ['none'] },
    source_id: { type: 'string' },
    created_at: { type: 'string' },
    first_message_id: { type: 'string' },
    segment_id: { type: 'string', description: 'With `verbose`: the profile it was first linked to.' },
  },
}

export const externalIds: Resource<ExternalIdsQuery> = {
  name: 'external_ids',
  summary: 'Identifiers of a profile, the one seen first before the others.',
  query: {
    limit: limitParameter(100),
    next: nextParameter,
    include: { type: 'string', description: 'Types, separated by commas; all unless given.' },
    verbose: verboseParameter,
  },
  answer: {
    type: 'object',
    required: ['data', 'cursor'],
    additionalProperties: false,
    properties: { data: { type: 'array', items: externalIdSchema }, cursor: cursorSchema },
  },
  parts: () => ['external_ids'],
  body(query, { found, url }) {
    const { limit, verbose } = query
    const { lines, hasMore } = takeLines(found.parts.external_ids, limit, wantedOf(query))
    const last = hasMore ? lines.at(-1) : undefined
    const next =
      last &&
      cursorOf(
        'external_ids',
        sortKey(last)
          .map((each) => JSON.stringify(each))
          .join(','),
      )
    const data = lines.map((line) => {
      const [, , , object = '', members = ''] = line.split('\t')
      return verbose ? withMembers(object, members) : object
    })
    return `{"data":[${data.join(',')}],${cursorMember({ url, limit, next })}}`
  },
}

function wantedOf({ include, next }: ExternalIdsQuery): ((line: string) => boolean) | undefined {
  const types = listed(include)
  const after = parseCursor('external_ids', 2, next)?.join('\t')
  if (types === undefined && after === undefined) return undefined
  return (line) => {
    const [instant, key, type = ''] = line.split('\t', 3)
    return (types === undefined || types.has(type)) && (after === undefined || `${instant}\t${key}` > after)
  }
}

/** Instant and key of a line. */
export function sortKey(line: string): readonly string[] {
  return line.split('\t', 2)
}
