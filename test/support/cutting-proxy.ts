import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** When a connection is cut: before a statement gets to the server, or once the server has done it and says so. */
export type Cut = 'before' | 'answered'

/** Stands between a client and a PostgreSQL server, and can lose a connection in the middle of a statement. */
export interface CuttingProxy {
  readonly port: number
  /** Statements that came through since the last {@link cutAt}. */
  seen(): number
  /** From now on the n-th statement (from 1) loses its connection, once. */
  cutAt(n: number, how: Cut): void
  close(): Promise<void>
}

/** Simple queries and parsed ones; what begins and ends a transaction counts too. */
const isStatement = (kind: number | undefined): boolean => kind === 0x51 || kind === 0x50

export async function openCuttingProxy(server: URL): Promise<CuttingProxy> {
  let count = 0
  let cut: { readonly n: number; readonly how: Cut } | undefined
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const upstream = connect(Number(server.port), server.hostname)
    let pending = Buffer.alloc(0)
    let isFirst = true
    let isDoomed = false
    const lose = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      for (;;) {
        // The first message of a connection has no kind.
        const head = isFirst ? 0 : 1
        if (pending.length < head + 4) return
        const length = head + pending.readUInt32BE(head)
        if (pending.length < length) return
        const message = pending.subarray(0, length)
        pending = pending.subarray(length)
        if (!isFirst && isStatement(message[0])) count += 1
        const isCut = !isFirst && isStatement(message[0]) && count === cut?.n
        isFirst = false
        if (isCut && cut?.how === 'before') {
          cut = undefined
          lose()
          return
        }
        if (isCut) isDoomed = true
        upstream.write(message)
      }
    })
    upstream.on('data', (chunk: Buffer) => {
      if (!isDoomed) {
        client.write(chunk)
        return
      }
      cut = undefined
      lose()
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    seen: () => count,
    cutAt(n, how) {
      count = 0
      cut = { n, how }
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
