import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { ServeLog } from './serve-log.ts'

export type ErrorCode =
  | 'authentication_error'
  | 'internal_error'
  | 'invalid_request_error'
  | 'method_not_allowed'
  | 'not_found'
  | 'rate_limit_error'
  | 'service_unavailable'
  | 'validation_error'

/** What a caller is told: its message holds nothing that must stay here. */
export class ApiError extends Error {
  readonly statusCode: number
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>>

  constructor(
    statusCode: number,
    code: ErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.name = 'ApiError'
    this.statusCode = statusCode
    this.code = code
    this.headers = headers
  }
}

export function invalidRequest(message: string): ApiError {
  return new ApiError(400, 'invalid_request_error', message)
}

export function notPublished(): ApiError {
  return new ApiError(503, 'service_unavailable', 'Nothing was published yet.', { 'retry-after': '10' })
}

export function errorBody({ code, message }: Pick<ApiError, 'code' | 'message'>): string {
  return JSON.stringify({ error: { code, message } })
}

export function sendError(reply: FastifyReply, error: ApiError): FastifyReply {
  return reply
    .code(error.statusCode)
    .headers(error.headers)
    .header('content-type', jsonType)
    .send(errorBody(error))
}

export const jsonType = 'application/json; charset=utf-8'

export function errorHandler(log: ServeLog) {
  return (error: FastifyError | ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (error instanceof ApiError) return sendError(reply, error)
    if ('validation' in error && error.validation !== undefined) {
      return sendError(reply, new ApiError(400, 'validation_error', error.message))
    }
    const { statusCode = 500 } = error
    // Whatever the server itself refuses; its messages may repeat the URL.
    if (statusCode >= 400 && statusCode < 500) {
      return sendError(
        reply,
        new ApiError(statusCode, 'invalid_request_error', 'The request is not well formed.'),
      )
    }
    log.failed({ requestId: request.id, route: request.routeOptions.url, error })
    return sendError(reply, new ApiError(500, 'internal_error', 'Something went wrong on our side.'))
  }
}
