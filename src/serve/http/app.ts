import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { ProfileReader } from '../store/store.ts'
import { authenticate } from './authenticate.ts'
import { ApiError, errorHandler, invalidRequest, sendError } from './errors.ts'
import { createMetrics } from './metrics.ts'
import { openapi } from './openapi.ts'
import { addOperations, operationPaths } from './operations.ts'
import { addResource, profilePath } from './profile-routes.ts'
import { noRoute, refuseConnection, refuseOtherMethods } from './refusals.ts'
import { requestIds } from './request-ids.ts'
import { events } from './resources/events.ts'
import { externalIds } from './resources/external-ids.ts'
import { links } from './resources/links.ts'
import { metadata } from './resources/metadata.ts'
import { traits } from './resources/traits.ts'
import { errorSchema } from './response-schemas.ts'
import type { ServeLog } from './serve-log.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Of `performance.now()`. */
    arrivedAt: number
  }
}

export interface ApiOptions {
  readonly reader: ProfileReader
  readonly space: string
  /** Requests a second, 0 for as many as come. */
  readonly rateLimit: number
  readonly log: ServeLog
  /** Of personas. */
  readonly version: string
}

/** The Profile API, listening nowhere yet. */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { reader, log } = options
  const metrics = createMetrics(reader)
  const answered = (request: FastifyRequest, reply: FastifyReply): void => {
    const entry = {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      ms: performance.now() - request.arrivedAt,
      token: request.tokenName,
    }
    metrics.answered(entry)
    log.answered(entry)
  }
  const app = fastify({
    genReqId: requestIds(),
    // As long as Node lets a URL be.
    routerOptions: { maxParamLength: 16_384 },
    // Who still has a connection when the server stops gets an answer, and is told to go.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    requestTimeout: 15_000,
    http: { connectionsCheckingInterval: 1_000 },
    clientErrorHandler: refuseConnection,
    // A path that is not well encoded; no hook runs for it.
    frameworkErrors(_error, request, reply) {
      reply.raw.once('finish', () => answered(request, reply))
      void sendError(setHeaders(request, reply), invalidRequest('The URL is not well encoded.'))
    },
  })
  // Bodies are strings already, or small.
  app.setSerializerCompiler(() => JSON.stringify)
  app.setErrorHandler(errorHandler(log))
  app.setNotFoundHandler((_request, reply) => sendError(reply, noRoute))
  app.addSchema(errorSchema)
  app.decorateRequest('tokenName', undefined)
  app.decorateRequest('arrivedAt', 0)
  app.addHook('onRequest', (request, reply, done) => {
    setHeaders(request, reply)
    // Without reading the body.
    if (request.is404) void sendError(reply, noRoute)
    else done()
  })
  // When the answer is ready, not when it has been sent: listening for that would take as long as a look-up.
  app.addHook('onSend', (request, reply, _payload, done) => {
    answered(request, reply)
    done()
  })
  await app.register(swagger, openapi(options.version))
  addOperations(app, reader, metrics)
  for (const path of operationPaths) refuseOtherMethods(app, path)
  await app.register((api) => addProfiles(api, options))
  return app
}

function setHeaders(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.arrivedAt = performance.now()
  return reply.header('request-id', request.id).header('cache-control', 'no-store')
}

async function addProfiles(api: FastifyInstance, options: ApiOptions): Promise<void> {
  const { reader, rateLimit: max } = options
  for (const { name } of [traits, externalIds, events, metadata, links]) {
    refuseOtherMethods(api, profilePath(name))
  }
  await api.register(async (guarded) => {
    guarded.addHook('onRequest', authenticate(reader))
    if (max > 0) await guarded.register(rateLimit, limitSettings(max))
    addResource(guarded, options, traits)
    addResource(guarded, options, externalIds)
    addResource(guarded, options, events)
    addResource(guarded, options, metadata)
    addResource(guarded, options, links)
  })
}

/** Behind the check of the token: whoever has none must not use up what the others may ask. */
function limitSettings(max: number) {
  const unsaid = { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false }
  return {
    max,
    timeWindow: 1000,
    hook: 'preParsing',
    keyGenerator: () => 'space',
    addHeaders: { ...unsaid, 'retry-after': true },
    addHeadersOnExceeding: unsaid,
    errorResponseBuilder: () =>
      new ApiError(429, 'rate_limit_error', `More than ${max} requests in a second.`),
  } as const
}
