import type { Change, RowResult, Session } from '../destination.ts'

export interface DigestCounts {
  readonly add: number
  readonly update: number
  readonly remove: number
  /** The first of those that came, in words. */
  readonly examples: readonly string[]
}

const examplesShown = 5

/** A session that says once, at the end, what a sync was about. */
export function digestSession(send: (counts: DigestCounts) => Promise<void>): Session {
  const counts = { add: 0, update: 0, remove: 0 }
  const examples: string[] = []
  return {
    async write(changes): Promise<readonly RowResult[]> {
      for (const change of changes) {
        counts[change.operation] += 1
        if (change.operation === 'add' && examples.length < examplesShown) examples.push(described(change))
      }
      return changes.map(() => ({ ok: true }))
    },
    async finish() {
      if (counts.add + counts.update + counts.remove > 0) await send({ ...counts, examples })
    },
    async close() {},
  }
}

/** `email: a@b.example, spent: 12`. */
function described({ key, fields }: Change): string {
  const parts = Object.entries(fields).flatMap(([name, value]) =>
    value === null || typeof value === 'object' ? [] : [`${name}: ${String(value)}`],
  )
  return parts.length === 0 ? key : parts.join(', ')
}

/** `12 came, 3 changed, 1 left`. */
export function countsText({ add, update, remove }: DigestCounts): string {
  const parts = [
    [add, 'came'],
    [update, 'changed'],
    [remove, 'left'],
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count.toLocaleString('en')} ${word}`)
    .join(', ')
}
