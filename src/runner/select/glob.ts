/**
 * Whether a text is one that a pattern with `*`, `**`, `?` and `[…]` means. Dots are plain; `*` stops at `/`.
 * (Node 20 has no `path.matchesGlob`.)
 */
export function globMatches(text: string, pattern: string): boolean {
  return globPattern(pattern).test(text)
}

function globPattern(glob: string): RegExp {
  const parts = glob.match(/\*\*\/?|\*|\?|\[[^\]/]+\]|[\s\S]/g) ?? []
  return new RegExp(`^${parts.map(pieceOf).join('')}$`, 'u')
}

function pieceOf(part: string): string {
  if (part === '**/') return '(?:.*/)?'
  if (part === '**') return '.*'
  if (part === '*') return '[^/]*'
  if (part === '?') return '[^/]'
  if (part.length > 2 && part.startsWith('[')) {
    const negated = part[1] === '!' || part[1] === '^'
    const members = part.slice(negated ? 2 : 1, -1).replaceAll(/[\\^\]&]/g, '\\$&')
    return members === '' ? escaped(part) : `[${negated ? '^' : ''}${members}]`
  }
  return escaped(part)
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
