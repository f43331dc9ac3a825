import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import autocannon from 'autocannon'

/** What {@link load} is told, and what it tells: latencies in milliseconds. */
export interface Load {
  readonly url: string
  readonly paths: readonly string[]
  readonly authorization: string
  readonly seconds: number
  /** Requests a second; as many as are answered unless given. */
  readonly rate?: number
}

export interface Loaded {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly failed: number
}

const connections = 100
const warmSeconds = 3

/** Each connection asks as soon as it has its answer. */
async function asManyAsAreAnswered({ url, paths, authorization, seconds }: Load): Promise<Loaded> {
  // Each of its connections makes all requests ready beforehand.
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: paths.slice(0, 2000).map((path) => ({ path, headers: { authorization } })),
  })
  return {
    perSecond: result.requests.average,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  }
}

/** Asks at a steady rate, whether or not answers have come; what a request waited before it was sent counts. */
async function atRate({ url, paths, authorization, seconds }: Load, rate: number): Promise<Loaded> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const taken: number[] = []
  let failed = 0
  let open = 0
  const ask = (path: string, dueAt: number): void => {
    open += 1
    get(url + path, { agent, headers: { authorization } }, (response) => {
      response.resume()
      response.on('end', () => {
        open -= 1
        taken.push(performance.now() - dueAt)
        if (response.statusCode !== 200) failed += 1
      })
    }).on('error', () => {
      open -= 1
      failed += 1
    })
  }
  const started = performance.now()
  let asked = 0
  const whole = warmSeconds + seconds
  for (let now = started; now < started + whole * 1000; now = performance.now()) {
    const due = Math.floor(((now - started) / 1000) * rate)
    for (; asked < due; asked += 1) {
      ask(paths[asked % paths.length] ?? '', started + (asked / rate) * 1000)
    }
    await delay(1)
  }
  while (open > 0) await delay(10)
  agent.destroy()
  // In the first seconds connections are made, and the code of both ends gets warm.
  const sorted = taken.slice(Math.floor(rate * warmSeconds)).toSorted((a, b) => a - b)
  const at = (share: number): number => Number(sorted[Math.floor(sorted.length * share)]?.toFixed(2))
  return { perSecond: asked / whole, p50: at(0.5), p99: at(0.99), failed }
}

const asked: Load = JSON.parse(readFileSync(0, 'utf8'))
console.log(
  JSON.stringify(
    asked.rate === undefined ? await asManyAsAreAnswered(asked) : await atRate(asked, asked.rate),
  ),
)
