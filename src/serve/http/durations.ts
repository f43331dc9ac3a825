import { Histogram, type MetricValueWithName, type Registry } from 'prom-client'

/** Around what an answer from memory takes, and up to what a client waits for. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const

/** Answers of one route. */
export class Durations {
  readonly route: string
  /** By bucket; what took longer than the last is behind them. */
  readonly counts: number[] = Array.from({ length: buckets.length + 1 }, () => 0)
  sum = 0

  constructor(route: string) {
    this.route = route
  }

  observe(seconds: number): void {
    let bucket = 0
    for (const bound of buckets) {
      if (seconds <= bound) break
      bucket += 1
    }
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sum += seconds
  }
}

type Label = 'route' | 'le'

/** A histogram that is made of {@link Durations} when it is asked for: the library's own takes as long to observe as a look-up. */
export class DurationHistogram extends Histogram<Label> {
  readonly #named: { readonly name: string; readonly help: string }
  readonly #routes: () => Iterable<Durations>

  constructor(
    { registers, ...named }: { readonly name: string; readonly help: string; readonly registers: Registry[] },
    routes: () => Iterable<Durations>,
  ) {
    super({ ...named, registers, labelNames: ['route'], buckets: [...buckets] })
    this.#named = named
    this.#routes = routes
  }

  /** In place of the library's, which all that is told of a histogram goes through; its types do not name it. */
  async getForPromString(): Promise<object> {
    const values = [...this.#routes()].flatMap((route) => this.#valuesOf(route))
    return { ...this.#named, type: 'histogram', aggregator: 'sum', values }
  }

  #valuesOf({ route, counts, sum }: Durations): MetricValueWithName<Label>[] {
    const { name } = this.#named
    let soFar = 0
    const steps = [...buckets, '+Inf'].map((le, index) => {
      soFar += counts[index] ?? 0
      return { metricName: `${name}_bucket`, labels: { le, route }, value: soFar }
    })
    return [
      ...steps,
      { metricName: `${name}_sum`, labels: { route }, value: sum },
      { metricName: `${name}_count`, labels: { route }, value: soFar },
    ]
  }
}
