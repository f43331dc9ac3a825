// Shared by tests and the processes they start: profiles that carry the number of the version they were published in.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'

const people = 60

/** In every part of everyone, so that two versions in one answer show. `size`: characters. */
export async function publishVersion(store, { size = 200, pauseMs = 0 } = {}) {
  const version = ((await store.release())?.version ?? 0) + 1
  // A version that was complete when its process was killed may be seen only by the next one that writes: its number is no name.
  const name = randomUUID()
  const text = `${name} ${'x'.repeat(size)}`
  const release = { runId: name, asOf: '2026', definitions: 'd', publishedAt: '2026' }
  return await store.publish({ full: true, release }, async (writer) => {
    for (let index = 0; index < people; index += 1) {
      // Everyone merges into a new profile, and the address moves with them.
      const id = `use_${index}_${version}`
      await writer.put('users', {
        id,
        formerIds: [`use_${index}_${version - 1}`, `use_${index}`],
        identifiers: [{ type: 'email', value: `p${index}@x.io` }],
        parts: { traits: text, external_ids: text, events: text, links: 'acme' },
      })
      if (pauseMs > 0 && index % 10 === 0) await pause(pauseMs)
    }
    await writer.put('accounts', {
      id: 'acme',
      formerIds: [],
      identifiers: [],
      parts: {
        external_ids: text,
        links: Array.from({ length: 5 }, (_, index) => `use_${index}`).join('\n'),
      },
    })
  })
}

/** @returns the version it belongs to, 0 where nothing was published yet; @throws where it is of several */
export async function readVersion(reader, index) {
  const by = [{ type: 'email', value: `P${index % people}@x.io` }, { id: `use_${index % people}` }][index % 2]
  const account = index % 7 === 0
  const { release, profile } = await reader.read({
    collection: account ? 'accounts' : 'users',
    by: account ? { id: 'acme' } : by,
    parts: account ? ['external_ids', 'links'] : ['traits', 'external_ids', 'events', 'links'],
    linked: 5,
  })
  if (release === undefined) return 0
  const texts = [
    ...Object.entries(profile?.parts ?? { missing: 'none' }).flatMap(([part, text]) =>
      part === 'links' ? [] : [text],
    ),
    ...(profile?.linked ?? []),
  ]
  const versions = new Set(texts.map((text) => text.split(' ')[0]))
  if (profile?.linked.length !== (account ? 5 : 1) || versions.size !== 1 || !versions.has(release.runId)) {
    throw new Error(`version ${release.version} answers ${[...versions]} and ${profile?.linked.length} links`)
  }
  return release.version
}
