import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { ProfileReader, Release } from '../store/store.ts'
import { DurationHistogram, Durations } from './durations.ts'
import type { AnsweredRequest } from './serve-log.ts'

export interface Metrics {
  readonly contentType: string
  answered(request: AnsweredRequest): void
  text(): Promise<string>
}

interface Counted {
  readonly labels: { readonly method: string; readonly route: string; readonly status: number }
  answered: number
  readonly durations: Durations
}

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
  const durations = new Map<string, Durations>()
  const durationsOf = (route: string): Durations => {
    const there = durations.get(route) ?? new Durations(route)
    durations.set(route, there)
    return there
  }
  const name = 'personas_http_request_duration_seconds'
  const help = 'Time until a request was answered.'
  new DurationHistogram({ name, help, registers }, () => durations.values())
  addReleaseGauges(reader, registers)
  return {
    contentType: registry.contentType,
    answered({ method, route = 'none', status, ms }) {
      const key = `${status} ${method} ${route}`
      let counted = known.get(key)
      if (counted === undefined) {
        counted = { labels: { method, route, status }, answered: 0, durations: durationsOf(route) }
        known.set(key, counted)
      }
      counted.answered += 1
      counted.durations.observe(ms / 1000)
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
