import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const head = Buffer.from('\r\n\r\n')
const ok = Buffer.from('HTTP/1.1 200 ')

/**
 * Asks at a steady rate, whether or not answers have come; what a request waited before it was sent counts. Speaks HTTP no more
 * than it has to, on sockets of its own: Node's client takes about as long as the server, and its collections of garbage would
 * be measured as the server's.
 *
 * @returns milliseconds of each answer in the order they came, and how many were none with status 200
 */
export async function steadyLoad(of: {
  readonly url: URL
  readonly requests: readonly Buffer[]
  readonly perSecond: number
  readonly seconds: number
  readonly connections: number
}): Promise<{ readonly taken: Float64Array; readonly failed: number }> {
  const { url, requests, perSecond, seconds } = of
  const whole = Math.floor(perSecond * seconds)
  const taken = new Float64Array(whole)
  let answered = 0
  let failed = 0
  let asked = 0
  let due = 0
  const idle: ((request: number) => void)[] = []
  const sockets: Socket[] = []
  const started = performance.now()
  const dueAt = (request: number): number => started + (request / perSecond) * 1000
  const ask = (): void => {
    while (asked < due) {
      const send = idle.pop()
      if (send === undefined) return
      send(asked)
      asked += 1
    }
  }
  const open = async (): Promise<void> => {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    sockets.push(socket)
    let current = 0
    let waiting: Buffer | undefined
    const send = (request: number): void => {
      current = request
      socket.write(requests[request % requests.length] ?? '')
    }
    socket.on('data', (chunk: Buffer) => {
      const bytes = waiting === undefined ? chunk : Buffer.concat([waiting, chunk])
      const end = bytes.indexOf(head)
      const length = end === -1 ? undefined : lengthOf(bytes.toString('latin1', 0, end))
      waiting = length === undefined || bytes.length < end + head.length + length ? bytes : undefined
      if (waiting !== undefined) return
      if (ok.compare(bytes, 0, ok.length) !== 0) failed += 1
      taken[answered] = performance.now() - dueAt(current)
      answered += 1
      idle.push(send)
      ask()
    })
    await new Promise<void>((connected, refused) => {
      socket.on('connect', connected)
      socket.on('error', refused)
    })
    idle.push(send)
  }
  await Promise.all(Array.from({ length: of.connections }, open))
  while (answered < whole) {
    due = Math.min(whole, Math.floor(((performance.now() - started) / 1000) * perSecond))
    ask()
    await delay(1)
  }
  for (const socket of sockets) socket.destroy()
  return { taken, failed }
}

function lengthOf(headers: string): number {
  return Number(/\r\ncontent-length: (\d+)/i.exec(headers)?.[1])
}
