import { setTimeout as delay } from 'node:timers/promises'
import type { Adapter, RunLock } from '../adapters/adapter.ts'

/**
 * Takes the one lock of a schema, asking again until `timeoutSeconds` have passed.
 *
 * @param waiting called once, when another run holds it and we wait
 * @returns undefined where it is still held
 */
export async function takeLock(
  adapter: Pick<Adapter, 'tryLock'>,
  schema: string,
  timeoutSeconds: number,
  signal: AbortSignal,
  waiting: () => void,
): Promise<RunLock | undefined> {
  const giveUpAt = performance.now() + timeoutSeconds * 1000
  let told = false
  for (;;) {
    signal.throwIfAborted()
    const lock = await adapter.tryLock(schema)
    if (lock !== undefined) return lock
    const leftMs = giveUpAt - performance.now()
    if (leftMs <= 0) return undefined
    if (!told) waiting()
    told = true
    await delay(Math.min(500, leftMs), undefined, { signal })
  }
}
