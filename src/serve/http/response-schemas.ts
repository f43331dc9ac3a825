/** What `#/components/schemas/Error` of the OpenAPI document says. */
export const errorSchema = {
  $id: 'Error',
  type: 'object',
  required: ['error'],
  additionalProperties: false,
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      additionalProperties: false,
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    },
  },
}

const text = { type: 'string' }

const commonHeaders = { 'Request-Id': { ...text, description: 'A UUID, which the log has, too.' } }

export const releaseHeaderSchemas = {
  'Personas-Run-Id': { ...text, description: 'The run whose tables are served.' },
  'Personas-As-Of': { ...text, description: 'The instant that run computed for.' },
  'Personas-Definitions': { ...text, description: 'A hash of its definitions.' },
  'Personas-Version': { ...text, description: 'Counts the publishes.' },
}

const descriptions = {
  400: 'A parameter or the path is not valid.',
  401: 'No token, or one that is not known.',
  404: 'No such profile, or no such space.',
  429: 'More requests than `rate_limit`; `Retry-After` says when to come back.',
  500: 'Something went wrong on the side of the server.',
  503: 'Nothing was published yet.',
} as const

export function answered(description: string, schema: object, headers: object = {}): object {
  return { ...schema, description, headers: { ...commonHeaders, ...headers } }
}

export function errors(...statuses: readonly (keyof typeof descriptions)[]): Record<string, object> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: descriptions[status],
        headers: commonHeaders,
        content: { 'application/json': { schema: { $ref: 'Error#' } } },
      },
    ]),
  )
}
