import { createServer, type IncomingHttpHeaders } from 'node:http'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What a server does with one request. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly afterMs?: number
  /** The connection breaks: before a byte, or in the middle of the body. */
  readonly breaks?: 'before' | 'within'
}

/** A server on a port of its own that answers what it is told, and remembers what it was asked. */
export interface Loopback {
  readonly url: string
  readonly received: Received[]
  /** For the next requests, in order; after them, and where it gives nothing, 200 and `{}`. */
  answer: (request: Received, index: number) => Answer | undefined
  close(): Promise<void>
}

export async function openLoopback(): Promise<Loopback> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      const asked = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString('utf8'),
      }
      received.push(asked)
      const {
        status = 200,
        headers = {},
        body = {},
        afterMs = 0,
        breaks,
      } = loopback.answer(asked, received.length - 1) ?? {}
      setTimeout(() => {
        if (breaks === 'before') {
          request.socket.destroy()
          return
        }
        const text = typeof body === 'string' ? body : JSON.stringify(body)
        response.writeHead(status, { 'content-type': 'application/json', ...headers })
        if (breaks === 'within') {
          response.write(text.slice(0, 1))
          setTimeout(() => request.socket.destroy(), 20)
        } else response.end(text)
      }, afterMs)
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const loopback: Loopback = {
    url: `http://127.0.0.1:${address.port}`,
    received,
    answer: () => undefined,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
  return loopback
}
