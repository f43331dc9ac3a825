import type { FastifyInstance } from 'fastify'
import type { Collection, ProfileReader, Release } from '../store/store.ts'
import { ApiError, invalidRequest, jsonType, notPublished, sendError } from './errors.ts'
import { parseLookUp, resourceUrl } from './look-up.ts'
import type { Resource } from './resources/resource.ts'
import { answered, errors, releaseHeaderSchemas } from './response-schemas.ts'

interface ProfileParameters {
  readonly space: string
  readonly collection: Collection
  readonly profile: string
}

const parameters = {
  type: 'object',
  required: ['space', 'collection', 'profile'],
  properties: {
    space: { type: 'string', description: 'Id of the space.' },
    collection: { type: 'string', enum: ['users', 'accounts'] },
    profile: {
      type: 'string',
      minLength: 1,
      description: '`<type>:<value>` of one of its identifiers, or its id; URL-encoded.',
    },
  },
}

/** Unknown visitors are asked for often: not worth a stack trace each. */
const noProfile = new ApiError(404, 'not_found', 'Profile was not found.')

export function profilePath(resource: string): string {
  return `/v1/spaces/:space/collections/:collection/profiles/:profile/${resource}`
}

/** Answers GET and HEAD of one resource. */
export function addResource<Query>(
  app: FastifyInstance,
  { reader, space }: { readonly reader: ProfileReader; readonly space: string },
  resource: Resource<Query>,
): void {
  const { name, query, answer, summary } = resource
  const schema = {
    operationId: name,
    summary,
    tags: ['profiles'],
    security: [{ token: [] }],
    params: parameters,
    querystring: { type: 'object', properties: query },
    response: {
      200: answered('What is asked for.', answer, releaseHeaderSchemas),
      ...errors(400, 401, 404, 429, 500, 503),
    },
  }
  const headersOf = releaseHeaders()
  app.get<{ Params: ProfileParameters }>(profilePath(name), { schema }, async (request, reply) => {
    const { params } = request
    // The schema made it so: what is not valid does not come here.
    const asked = request.query as Query
    if (params.space !== space)
      return sendError(reply, new ApiError(404, 'not_found', 'Space was not found.'))
    checkEncoding(request.raw.url ?? '')
    const { release, profile: found } = await reader.read({
      collection: params.collection,
      by: parseLookUp(params.profile),
      parts: resource.parts(asked),
      ...(resource.linked === undefined ? {} : { linked: resource.linked(asked) }),
    })
    if (release === undefined) throw notPublished()
    reply.headers(headersOf(release))
    if (found === undefined) return sendError(reply, noProfile)
    const url = resourceUrl(space, params.collection, found.id, name)
    reply.header('content-type', jsonType)
    return resource.body(asked, { collection: params.collection, found, url, asOf: release.asOf })
  })
}

/** The parser of queries takes what is not well encoded for plain text. */
function checkEncoding(url: string): void {
  const query = url.indexOf('?')
  if (query === -1 || url.indexOf('%', query) === -1) return
  try {
    decodeURIComponent(url.slice(query))
  } catch {
    throw invalidRequest('The query is not well encoded.')
  }
}

/** A release answers many requests, and its headers stay the same. */
function releaseHeaders(): (release: Release) => Record<string, string> {
  let last: { readonly release: Release; readonly headers: Record<string, string> } | undefined
  return (release) => {
    if (last?.release.version !== release.version || last.release.runId !== release.runId) {
      const headers = {
        'personas-run-id': release.runId,
        'personas-as-of': release.asOf,
        'personas-definitions': release.definitions,
        'personas-version': String(release.version),
      }
      last = { release, headers }
    }
    return last.headers
  }
}
