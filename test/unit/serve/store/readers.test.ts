import { describe, expect, test } from 'vitest'
import { openReader, openStore } from '../../../../src/serve/store/open-store.ts'
import { kinds } from './kinds.ts'
import { otherProcess } from './processes.ts'
import { publishVersion, readVersion } from './versioned.mjs'

const versions = 25

describe.each(kinds)('readers of a store in $name', ({ place }) => {
  test('see whole versions while others are published, in this process and in another', async () => {
    const { store: at, drop } = await place()
    const other = otherProcess('read', at)
    expect(await other.said()).toBe('ready')
    const reader = await openReader(at)
    const store = await openStore(at)
    const seen = new Set<number>()
    let done = false
    const reading = (async () => {
      for (let index = 0; !done; index += 1) {
        seen.add(await readVersion(reader, index))
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    // Ever larger: the file grows under the readers.
    for (let version = 1; version <= versions; version += 1) {
      await publishVersion(store, { size: version * 300, pauseMs: 1 })
    }
    expect(await readVersion(reader, 1)).toBe(versions)
    done = true
    await reading
    expect(seen.size).toBeGreaterThan(versions / 2)
    other.child.stdin?.end()
    const seenThere: readonly number[] = JSON.parse((await other.said()) ?? '[]')
    await other.ended()
    expect(seenThere.length).toBeGreaterThan(versions / 4)
    expect(seenThere).toEqual([...seenThere].sort((a, b) => a - b))
    await reader.close()
    await store.close()
    await drop()
  })
})
