import type { Scalar } from 'yaml'

/** A text is asked for many of its parts. */
const known = new WeakMap<Scalar, readonly number[]>()

/**
 * Where each character of a text value is written: offsets into the file by index in the value, and as the last one
 * where the value ends. Quotes, escapes, folded lines and the indent of blocks are passed over.
 *
 * @param written the file's whole text
 * @returns undefined where value and text cannot be matched
 */
export function scalarOffsets(node: Scalar, value: string, written: string): readonly number[] | undefined {
  const range = node.range
  if (!range) return undefined
  const [start, end] = range
  const offsets = known.get(node) ?? alignmentOf(node, value, written, start, end)
  known.set(node, offsets)
  return offsets.length === value.length + 1 ? offsets : undefined
}

function alignmentOf(node: Scalar, value: string, written: string, start: number, end: number): number[] {
  switch (node.type) {
    case 'QUOTE_DOUBLE':
      return alignFlow(written, start + 1, end - 1, 'double')
    case 'QUOTE_SINGLE':
      return alignFlow(written, start + 1, end - 1, 'single')
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED':
      return alignBlock(value, written, start, end)
    default:
      return alignFlow(written, start, end, 'plain')
  }
}

/** A line break with the blanks around it: one is a blank in the value, of more the first is none. */
const lineBreaks = /[ \t]*(?:\r?\n[ \t]*)+/y
const longEscapes: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

function alignFlow(
  written: string,
  start: number,
  end: number,
  style: 'plain' | 'single' | 'double',
): number[] {
  const offsets: number[] = []
  let at = start
  while (at < end) {
    lineBreaks.lastIndex = at
    const folded = lineBreaks.exec(written)?.[0]
    if (folded !== undefined) {
      const breaks = folded.split('\n').length - 1
      for (let each = 0; each < Math.max(1, breaks - 1); each += 1) offsets.push(at)
      at += folded.length
      continue
    }
    if (style === 'single' && written.startsWith("''", at)) {
      offsets.push(at)
      at += 2
      continue
    }
    if (style === 'double' && written[at] === '\\') {
      const length = escapeLength(written, at)
      // A line break that is escaped leaves nothing behind.
      if (!/^\\\r?\n/.test(written.slice(at, at + 3))) offsets.push(at)
      const digits = written.slice(at + 2, at + length)
      if (written[at + 1] === 'U' && Number.parseInt(digits, 16) > 0xffff) offsets.push(at)
      at += length
      continue
    }
    offsets.push(at)
    at += 1
  }
  offsets.push(end)
  return offsets
}

function escapeLength(written: string, at: number): number {
  const broken = /^\\\r?\n[ \t]*/.exec(written.slice(at))?.[0]
  return broken?.length ?? 2 + (longEscapes[written[at + 1] ?? ''] ?? 0)
}

/** Lines are found in the value one after the other; what is between them is line breaks that were kept or folded. */
function alignBlock(value: string, written: string, start: number, end: number): number[] {
  const header = written.indexOf('\n', start)
  if (header === -1) return []
  const indent = blockIndent(written.slice(start, header), written.slice(header + 1, end), value)
  const offsets: number[] = []
  let at = header + 1
  let lineEnd = at
  while (at < end) {
    const newline = written.indexOf('\n', at)
    const next = newline === -1 ? end : Math.min(newline + 1, end)
    const line = written.slice(at, next).replace(/\r?\n$/, '')
    const content = line.slice(indent)
    if (content.trim() !== '') {
      while (offsets.length < value.length && !value.startsWith(content, offsets.length)) {
        if (!/[ \t\n]/.test(value[offsets.length] ?? '')) return []
        offsets.push(lineEnd)
      }
      for (let index = 0; index < content.length; index += 1) offsets.push(at + indent + index)
      lineEnd = at + line.length
    }
    at = next
  }
  while (offsets.length <= value.length) offsets.push(lineEnd)
  return offsets
}

/** As told by the header, or that of the first line with something on it; a value may begin with blanks of its own. */
function blockIndent(header: string, body: string, value: string): number {
  const blanks = leadingBlanks(body)
  return /[1-9]/.test(header.replace(/#.*/, '')) ? Math.max(0, blanks - leadingBlanks(value)) : blanks
}

/** Of the first line that is not only blanks; a tab is something. */
function leadingBlanks(text: string): number {
  const first = text.split('\n').find((line) => /[^ \r]/.test(line)) ?? ''
  return /^ */.exec(first)?.[0].length ?? 0
}
