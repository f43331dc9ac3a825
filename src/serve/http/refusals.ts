import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { ApiError, errorBody, invalidRequest, jsonType, sendError } from './errors.ts'

export const noRoute = new ApiError(404, 'not_found', 'There is no such route.')

const readOnly = new ApiError(405, 'method_not_allowed', 'Only GET and HEAD are answered.', {
  allow: 'GET, HEAD',
})

/** Before a body is read: nobody looks at it. */
export function refuseOtherMethods(app: FastifyInstance, url: string): void {
  app.route({
    method: app.supportedMethods.filter((method) => method !== 'GET' && method !== 'HEAD'),
    url,
    schema: { hide: true },
    onRequest: (_request, reply) => void sendError(reply, readOnly),
    handler: (_request, reply) => sendError(reply, readOnly),
  })
}

/** Bytes that are no request; there is none to answer, only the connection. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = statusOf(error.code)
  const body = errorBody(
    status === 408
      ? { code: 'invalid_request_error', message: 'The request took too long to arrive.' }
      : invalidRequest(status === 431 ? 'URL and headers are too long.' : 'That is no HTTP request.'),
  )
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `content-type: ${jsonType}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'cache-control: no-store',
      `request-id: ${randomUUID()}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

function statusOf(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
}
