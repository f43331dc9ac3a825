import { describe, expect, test } from 'vitest'
import { ProblemError } from '../../../../src/diagnostics/problem.ts'
import { openStore } from '../../../../src/serve/store/open-store.ts'
import type { ProfileStore } from '../../../../src/serve/store/store.ts'
import { kinds } from './kinds.ts'
import { otherProcess } from './processes.ts'
import { publishVersion, readVersion } from './versioned.mjs'

const crashes = 12

describe.each(kinds)('a store in $name', ({ place }) => {
  test('serves the last version after a publish was killed, and takes the next', async () => {
    const { store: at, drop } = await place()
    const store = await openStore(at)
    for (let crash = 0; crash < crashes; crash += 1) {
      const other = otherProcess('publish', at, { size: 3_000 })
      expect(await other.said()).toBe('ready')
      const before = Number((await store.release())?.version ?? 0)
      // From the first step of a publish to well into the third.
      await new Promise((resolve) => setTimeout(resolve, crash * 9))
      other.child.kill('SIGKILL')
      let told = before
      for (let line = await other.said(); line !== undefined; line = await other.said()) told = Number(line)
      await other.ended()
      const served = await readVersion(store, 1)
      expect(served).toBeGreaterThanOrEqual(told)
      for (let index = 0; index < 20; index += 1)
        expect(await readVersion(store, index)).toBeGreaterThanOrEqual(served)
      const { release } = await publishWhenFree(store)
      expect(await readVersion(store, 2)).toBe(release.version)
    }
    await store.close()
    await drop()
  })
})

/** A server may take a moment to notice that nobody is at the other end of a connection. */
async function publishWhenFree(store: ProfileStore): Promise<Awaited<ReturnType<typeof publishVersion>>> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await publishVersion(store)
    } catch (error) {
      if (attempt === 100 || !(error instanceof ProblemError) || !/PSN7001/.test(error.message)) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
