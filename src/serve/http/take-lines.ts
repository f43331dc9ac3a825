export interface TakenLines {
  readonly lines: readonly string[]
  /** Whether one more would have been taken. */
  readonly hasMore: boolean
}

/**
 * The first lines of a part that are wanted, or its last ones, the last first. Reads no further than it needs: most
 * requests want ten lines of many.
 */
export function takeLines(
  part: string | undefined,
  limit: number,
  wanted: ((line: string) => boolean) | undefined,
  fromTheEnd = false,
): TakenLines {
  const lines: string[] = []
  if (part === undefined) return { lines, hasMore: false }
  let position = fromTheEnd ? part.length : 0
  while (fromTheEnd ? position > 0 : position < part.length) {
    const from = fromTheEnd ? part.lastIndexOf('\n', position - 1) + 1 : position
    const to = fromTheEnd ? position : endOfLine(part, position)
    position = fromTheEnd ? from - 1 : to + 1
    const line = part.slice(from, to)
    if (wanted !== undefined && !wanted(line)) continue
    if (lines.length === limit) return { lines, hasMore: true }
    lines.push(line)
  }
  return { lines, hasMore: false }
}

function endOfLine(part: string, from: number): number {
  const end = part.indexOf('\n', from)
  return end === -1 ? part.length : end
}

/** An object of a line with the members that `verbose` adds to it. */
export function withMembers(object: string, members: string): string {
  return members === '' ? object : `${object.slice(0, -1)},${members}}`
}

/** A comma list of a query, as the JSON texts that lines hold; undefined where nothing is listed. */
export function listed(written: string | undefined): ReadonlySet<string> | undefined {
  if (written === undefined || written === '') return undefined
  return new Set(written.split(',').map((each) => JSON.stringify(each)))
}
