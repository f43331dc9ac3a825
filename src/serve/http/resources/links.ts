import { linesOf } from '../../store/documents.ts'
import { externalIdSchema } from './external-ids.ts'
import type { Resource } from './resource.ts'

interface LinksQuery {
  readonly limit: number
}

export const links: Resource<LinksQuery> = {
  name: 'links',
  summary: 'Accounts of a user, or users of an account, with their identifiers.',
  query: {
    limit: { type: 'integer', minimum: 1, maximum: 20, default: 10, description: 'How many at most.' },
  },
  answer: {
    type: 'object',
    required: ['data'],
    additionalProperties: false,
    properties: {
      data: {
        type: 'array',
        items: {
          type: 'object',
          required: ['to_collection', 'external_ids'],
          additionalProperties: false,
          properties: {
            to_collection: { type: 'string', enum: ['users', 'accounts'] },
            external_ids: { type: 'array', items: externalIdSchema },
          },
        },
      },
    },
  },
  parts: () => ['links'],
  linked: ({ limit }) => limit,
  body({ limit }, { collection, found }) {
    const other = collection === 'users' ? 'accounts' : 'users'
    const data = found.linked
      .slice(0, limit)
      .map((part) => `{"to_collection":"${other}","external_ids":[${objectsOf(part).join(',')}]}`)
    return `{"data":[${data.join(',')}]}`
  },
}

function objectsOf(externalIds: string): readonly string[] {
  return linesOf(externalIds).map(([, , , object = '']) => object)
}
