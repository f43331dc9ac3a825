import { once } from 'node:events'
import { connect } from 'node:net'

export interface Exchange {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Sends a request byte by byte as it is written, which no client would. */
export async function exchange(
  url: string,
  requestLine: string,
  headers: readonly string[],
): Promise<Exchange> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // A request that is refused half read is reset behind its answer.
  socket.on('error', () => {})
  const all = [`${requestLine} HTTP/1.1`, 'host: localhost', 'connection: close', ...headers, '', '']
  socket.end(all.join('\r\n'))
  await once(socket, 'close')
  const text = Buffer.concat(chunks).toString()
  const end = text.indexOf('\r\n\r\n')
  const head = text.slice(0, end)
  return { status: Number(head.split(' ')[1]), head, body: text.slice(end + 4) }
}
