import { withMembers } from '../take-lines.ts'
import { type Resource, verboseParameter } from './resource.ts'

interface MetadataQuery {
  readonly verbose: boolean
}

const nullableText = { type: ['string', 'null'] }

const names = [
  'created_at',
  'updated_at',
  'expires_at',
  'first_message_id',
  'first_source_id',
  'last_message_id',
  'last_source_id',
] as const

const unknown = JSON.stringify(Object.fromEntries(names.map((name) => [name, null])))

export const metadata: Resource<MetadataQuery> = {
  name: 'metadata',
  summary: 'When a profile came up and changed, and by which messages.',
  query: { verbose: verboseParameter },
  answer: {
    type: 'object',
    required: ['metadata'],
    additionalProperties: false,
    properties: {
      metadata: {
        type: 'object',
        required: [...names],
        properties: {
          ...Object.fromEntries(names.map((name) => [name, nullableText])),
          merged_segment_ids: {
            type: 'array',
            items: { type: 'string' },
            description: 'With `verbose`: ids of the profiles that merged into it.',
          },
        },
      },
    },
  },
  parts: () => ['metadata'],
  body({ verbose }, { found }) {
    const [object = '', members = ''] = (found.parts.metadata || unknown).split('\t')
    return `{"metadata":${verbose ? withMembers(object, members) : object}}`
  },
}
