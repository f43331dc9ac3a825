/** Lines of a CSV file, as RFC 4180 has them, ended by a line feed. */
export function renderCsv(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => `${cells.map(quoted).join(',')}\n`).join('')
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Records of a CSV text by the names of its first line. */
export function parseCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const [head = [], ...lines] = linesOf(text)
  return lines.map((cells) => Object.fromEntries(head.map((name, at) => [name, cells[at] ?? ''])))
}

function linesOf(text: string): readonly (readonly string[])[] {
  const lines: string[][] = []
  let cells: string[] = []
  let cell = ''
  let within = false
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (within) {
      if (char !== '"') cell += char
      else if (text.charAt(at + 1) === '"') {
        cell += '"'
        at += 1
      } else within = false
    } else if (char === '"') within = true
    else if (char === ',') {
      cells.push(cell)
      cell = ''
    } else if (char === '\n') {
      lines.push([...cells, cell])
      cells = []
      cell = ''
    } else if (char !== '\r') cell += char
  }
  if (cell !== '' || cells.length > 0) lines.push([...cells, cell])
  return lines
}
