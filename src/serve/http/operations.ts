import type { FastifyInstance } from 'fastify'
import type { ProfileReader } from '../store/store.ts'
import { jsonType, notPublished } from './errors.ts'
import type { Metrics } from './metrics.ts'
import { answered, errors } from './response-schemas.ts'

export const operationPaths = ['/health', '/ready', '/metrics', '/openapi.json'] as const

const status = {
  type: 'object',
  required: ['status'],
  additionalProperties: false,
  properties: { status: { type: 'string' } },
}

/** What those who run the server ask; without a token. */
export function addOperations(app: FastifyInstance, reader: ProfileReader, metrics: Metrics): void {
  const hidden = { schema: { hide: true } }
  const operation = (summary: string, answer: object) => ({
    schema: { summary, tags: ['operations'], response: { 200: answer, ...errors(500, 503) } },
  })
  app.get('/health', operation('Whether the server runs.', answered('It does.', status)), (_request, reply) =>
    reply.header('content-type', jsonType).send('{"status":"ok"}'),
  )
  app.get(
    '/ready',
    operation('Whether it has something to serve.', answered('It has.', status)),
    async (_request, reply) => {
      if ((await reader.release()) === undefined) throw notPublished()
      return reply.header('content-type', jsonType).send('{"status":"ready"}')
    },
  )
  app.get('/metrics', hidden, async (_request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.text()),
  )
  app.get('/openapi.json', hidden, (_request, reply) =>
    reply.header('content-type', jsonType).send(JSON.stringify(app.swagger())),
  )
}
