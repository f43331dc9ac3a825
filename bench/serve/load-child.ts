import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'
import { steadyLoad } from './steady-load.ts'

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

async function atRate({ url, paths, authorization, seconds }: Load, rate: number): Promise<Loaded> {
  const at = new URL(url)
  const requests = paths.map((path) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nhost: ${at.host}\r\nauthorization: ${authorization}\r\n\r\n`),
  )
  const { taken, failed } = await steadyLoad({
    url: at,
    requests,
    perSecond: rate,
    seconds: warmSeconds + seconds,
    connections,
  })
  // In the first seconds connections are made, and the code of both ends gets warm.
  const sorted = taken.slice(Math.floor(rate * warmSeconds)).toSorted((a, b) => a - b)
  const share = (of: number): number => Number(sorted[Math.floor(sorted.length * of)]?.toFixed(2))
  return { perSecond: rate, p50: share(0.5), p99: share(0.99), failed }
}

const asked: Load = JSON.parse(readFileSync(0, 'utf8'))
console.log(
  JSON.stringify(
    asked.rate === undefined ? await asManyAsAreAnswered(asked) : await atRate(asked, asked.rate),
  ),
)
