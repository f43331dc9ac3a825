import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ProfileReader, Release } from '../store/store.ts'
import type { AnsweredRequest } from './serve-log.ts'

export interface Metrics {
  readonly contentType: string
  answered(request: AnsweredRequest): void
  text(): Promise<string>
}

interface Counted {
  readonly labels: { readonly method: string; readonly route: string; readonly status: number }
  answered: number
  readonly seconds: Histogram.Internal<'route'>
}

/** Around what an answer from memory takes, and up to what a client waits for. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export function createMetrics(reader: ProfileReader): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  // There are as many as routes, methods and statuses; told to the registry when it is asked.
  const known = new Map<string, Counted>()
  new Counter({
    name: 'personas_http_requests_total',
    help: 'Requests answered.',
    labelNames: ['method', 'route', 'status'],
    registers,
    collect() {
      this.reset()
      for (const { labels, answered } of known.values()) this.inc(labels, answered)
    },
  })
  const seconds = new Histogram({
    name: 'personas_http_request_duration_seconds',
    help: 'Time until a request was answered.',
    labelNames: ['route'],
    buckets,
    registers,
  })
  addReleaseGauges(reader, registers)
  return {
    contentType: registry.contentType,
    answered({ method, route = 'none', status, ms }) {
      const key = `${status} ${method} ${route}`
      let counted = known.get(key)
      if (counted === undefined) {
        counted = { labels: { method, route, status }, answered: 0, seconds: seconds.labels({ route }) }
        known.set(key, counted)
      }
      counted.answered += 1
      counted.seconds.observe(ms / 1000)
    },
    text: () => registry.metrics(),
  }
}

/** Asked of the store whenever the metrics are read; missing until something is published. */
function addReleaseGauges(reader: ProfileReader, registers: Registry[]): void {
  const add = (name: string, help: string, measure: (release: Release) => number): void => {
    const gauge = new Gauge({
      name,
      help,
      registers,
      async collect() {
        // A store that fails must not take the other metrics along.
        const release = await reader.release().catch(() => undefined)
        if (release === undefined) gauge.remove()
        else gauge.set(measure(release))
      },
    })
  }
  add('personas_release_version', 'Version of what is served.', ({ version }) => version)
  add(
    'personas_release_age_seconds',
    'Time since the instant that what is served was computed for.',
    ({ asOf }) => (Date.now() - Date.parse(asOf)) / 1000,
  )
}
