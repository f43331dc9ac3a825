/** A character a pattern takes: any one, or one of a class. */
type Piece =
  | { readonly kind: 'any' }
  | { readonly kind: 'run' }
  | { readonly takes: (character: string) => boolean; readonly kind: 'one' }

/**
 * Whether a whole text is as a pattern says: `*` any text, `?` any character, `[abc]` and `[a-z]` one of these, `\x` an x. Time grows with
 * the product of both lengths at most.
 *
 * @returns undefined where the pattern cannot be read
 */
export function globMatch(text: string, pattern: string): boolean | undefined {
  const pieces = read([...pattern])
  if (pieces === undefined) return undefined
  const characters = [...text]
  let at = 0
  let piece = 0
  let star: { readonly piece: number; at: number } | undefined
  while (at < characters.length) {
    const next = pieces[piece]
    const character = characters[at] ?? ''
    if (next?.kind === 'run') {
      star = { piece, at }
      piece += 1
    } else if (next !== undefined && (next.kind === 'any' || next.takes(character))) {
      at += 1
      piece += 1
    } else if (star !== undefined) {
      star.at += 1
      at = star.at
      piece = star.piece + 1
    } else return false
  }
  return pieces.slice(piece).every(({ kind }) => kind === 'run')
}

function read(pattern: readonly string[]): readonly Piece[] | undefined {
  const pieces: Piece[] = []
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index]
    if (character === '*') pieces.push({ kind: 'run' })
    else if (character === '?') pieces.push({ kind: 'any' })
    else if (character === '[') {
      const members: string[] = []
      const ranges: (readonly [string, string])[] = []
      const escaped = (): string | undefined => {
        if (pattern[index] === '\\') index += 1
        return pattern[index]
      }
      for (index += 1; pattern[index] !== ']'; index += 1) {
        const from = escaped()
        if (from === undefined) return undefined
        if (pattern[index + 1] !== '-' || pattern[index + 2] === ']') {
          members.push(from)
          continue
        }
        index += 2
        const to = escaped()
        if (to === undefined) return undefined
        ranges.push([from, to])
      }
      pieces.push({
        kind: 'one',
        takes: (each) => members.includes(each) || ranges.some(([from, to]) => each >= from && each <= to),
      })
    } else {
      if (character === '\\') index += 1
      const wanted = pattern[index]
      if (wanted === undefined) return undefined
      pieces.push({ kind: 'one', takes: (each) => each === wanted })
    }
  }
  return pieces
}
