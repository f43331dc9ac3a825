import { randomUUID } from 'node:crypto'
import { failureOf } from '../engine/failures.ts'
import type { Result } from '../engine/results.ts'
import { cancelled, type SnowflakeError } from '../errors.ts'

export interface Outcome {
  readonly results: readonly Result[]
  readonly failure: SnowflakeError | undefined
}

/** One request to run something: it goes on whether or not anybody waits for it. */
export class RunningQuery {
  readonly id = randomUUID()
  readonly requestId: string
  readonly sql: string
  readonly outcome: Promise<Outcome>
  done: Outcome | undefined
  readonly #abort = new AbortController()

  constructor(requestId: string, sql: string, run: (signal: AbortSignal) => Promise<readonly Result[]>) {
    this.requestId = requestId
    this.sql = sql
    this.outcome = this.#run(run)
  }

  async #run(run: (signal: AbortSignal) => Promise<readonly Result[]>): Promise<Outcome> {
    try {
      this.done = { results: await run(this.#abort.signal), failure: undefined }
    } catch (error) {
      this.done = { results: [], failure: failureOf(error) }
    }
    return this.done
  }

  cancel(): void {
    this.#abort.abort(cancelled())
  }

  /** @returns undefined where it has not ended by then */
  async within(ms: number): Promise<Outcome | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ms)
    })
    try {
      return await Promise.race([this.outcome, late])
    } finally {
      clearTimeout(timer)
    }
  }
}

const kept = 200

/** By query id and by request id: a request sent again is answered with what the first one did. */
export class Queries {
  readonly #byId = new Map<string, RunningQuery>()
  readonly #byRequest = new Map<string, RunningQuery>()
  /** Results of the statements of one request, each with an id of its own. */
  readonly #children = new Map<string, Result>()

  add(query: RunningQuery): void {
    this.#byId.set(query.id, query)
    this.#byRequest.set(query.requestId, query)
    for (const [id, old] of this.#byId) {
      if (this.#byId.size <= kept) break
      if (old.done === undefined) continue
      this.#byId.delete(id)
      this.#byRequest.delete(old.requestId)
    }
  }

  get(id: string): RunningQuery | undefined {
    return this.#byId.get(id)
  }

  ofRequest(requestId: string): RunningQuery | undefined {
    return this.#byRequest.get(requestId)
  }

  addChild(result: Result): string {
    const id = randomUUID()
    this.#children.set(id, result)
    for (const old of this.#children.keys()) {
      if (this.#children.size <= kept) break
      this.#children.delete(old)
    }
    return id
  }

  child(id: string): Result | undefined {
    return this.#children.get(id)
  }
}
