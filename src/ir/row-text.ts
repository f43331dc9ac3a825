/** What `Dialect.rowText` wrote behind an empty text: each text with its length in characters before it; NULL has none. */
export function readRowText(row: unknown): readonly (string | null)[] {
  const found: (string | null)[] = []
  if (typeof row !== 'string') return found
  for (let at = 0; at < row.length; ) {
    const colon = row.indexOf(':', at)
    if (colon === at) {
      found.push(null)
      at += 1
      continue
    }
    const end = afterCharacters(row, colon + 1, Number(row.slice(at, colon)))
    found.push(row.slice(colon + 1, end))
    at = end
  }
  return found
}

/** Each text of a JSON array of such rows. */
export function readRowTexts(rows: unknown): readonly (readonly (string | null)[])[] {
  return readTexts(rows).map(readRowText)
}

/** Texts of a JSON array; NULL is none. */
export function readTexts(list: unknown): readonly string[] {
  if (typeof list !== 'string') return []
  const parsed: unknown = JSON.parse(list)
  return Array.isArray(parsed) ? parsed.map(String) : []
}

/** Warehouses count characters, JavaScript counts those beyond the first plane as two. */
function afterCharacters(text: string, from: number, characters: number): number {
  let end = from
  for (let left = characters; left > 0; left -= 1) {
    const code = text.charCodeAt(end)
    end += code >= 0xd800 && code < 0xdc00 ? 2 : 1
  }
  return end
}
