import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { type Json, type JsonObject, parseJson } from '../json.ts'

export interface Request {
  readonly method: string
  /** Without `/bigquery/v2`, decoded. */
  readonly path: string
  readonly isUpload: boolean
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly token: string
  /** The body as JSON; an empty one is an empty object. */
  json(): Json
}

export interface Reply {
  readonly status: number
  readonly json?: JsonObject
  readonly headers?: Readonly<Record<string, string>>
}

/** Method, pattern of the path, and what answers with the groups of the pattern. */
export type Route = readonly [
  string,
  RegExp,
  (request: Request, parts: readonly string[]) => Promise<Reply> | Reply,
]

/** Handlers answer, or cut the connection by answering nothing. */
export type Handler = (request: Request) => Promise<Reply | 'reset'>

export async function listen(
  handler: Handler,
): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    void respond(handler, incoming, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { server, address: `http://127.0.0.1:${address.port}` }
}

async function respond(handler: Handler, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of incoming) chunks.push(chunk)
  } catch {
    // Who asked has gone; there is nobody to answer.
    return
  }
  const raw = Buffer.concat(chunks)
  const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
  const url = new URL(incoming.url ?? '/', 'http://emulator')
  const match = /^(?:\/(?:resumable\/)?(upload))?\/bigquery\/v2(\/.*)$/.exec(url.pathname)
  const reply = await handler({
    method: incoming.method ?? 'GET',
    path: decodeURIComponent(match?.[2] ?? url.pathname),
    isUpload: match?.[1] !== undefined,
    query: url.searchParams,
    headers: incoming.headers,
    body,
    token: (incoming.headers.authorization ?? '').replace(/^Bearer /, ''),
    json: () => (body.length === 0 ? {} : parseJson(body.toString('utf8'))),
  })
  if (reply === 'reset') {
    incoming.socket.destroy()
    return
  }
  const text = reply.json === undefined ? '' : JSON.stringify(reply.json)
  response.writeHead(reply.status, {
    ...(text === '' ? {} : { 'content-type': 'application/json; charset=UTF-8' }),
    'content-length': String(Buffer.byteLength(text)),
    ...reply.headers,
  })
  response.end(text)
}

export function ok(json: JsonObject): Reply {
  return { status: 200, json }
}

const statusNames: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
}

/** As Google's services say it. */
export function errorReply(status: number, reason: string, message: string, location?: JsonObject): Reply {
  return {
    status,
    json: {
      error: {
        code: status,
        message,
        errors: [{ message, domain: 'global', reason, ...location }],
        status: statusNames[status] ?? 'UNKNOWN',
      },
    },
  }
}
