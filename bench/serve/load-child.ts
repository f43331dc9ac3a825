import { readFileSync } from 'node:fs'
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
  /** Of an answer with its head. */
  readonly bytes: number
}

async function load({ url, paths, authorization, seconds, rate }: Load): Promise<Loaded> {
  const result = await autocannon({
    url,
    connections: 32,
    duration: seconds,
    ...(rate !== undefined && { overallRate: rate }),
    requests: paths.map((path) => ({ path, headers: { authorization } })),
  })
  return {
    perSecond: result.requests.average,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
    bytes: result.throughput.total / result.requests.total,
  }
}

console.log(JSON.stringify(await load(JSON.parse(readFileSync(0, 'utf8')))))
