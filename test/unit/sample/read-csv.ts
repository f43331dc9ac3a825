import { readFileSync } from 'node:fs'

/** A CSV file with a header; an empty cell without quotes is null. */
export function readCsv(file: string): readonly Readonly<Record<string, string | null>>[] {
  const [header, ...lines] = splitRows(readFileSync(file, 'utf8'))
  if (header === undefined) throw new Error(`${file} has no header`)
  return lines.map((cells) => {
    if (cells.length !== header.length) throw new Error(`${file}: a row has ${cells.length} cells`)
    return Object.fromEntries(header.map((name, place) => [name ?? '', cells[place] ?? null]))
  })
}

function splitRows(text: string): (string | null)[][] {
  const rows: (string | null)[][] = []
  let row: (string | null)[] = []
  // A cell, quoted or plain, and what ends it.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/gy
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    const [, quoted, plain, end] = match
    row.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'))
    if (end === '\n') {
      rows.push(row)
      row = []
    }
  }
  return rows
}
