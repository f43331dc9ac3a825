import { type FileHandle, open } from 'node:fs/promises'

export type Cell = string | number | boolean | null | undefined

/** A row by column name; a column left out is NULL. */
export type Row = Readonly<Record<string, Cell>>

/** A CSV file being written: rows gather in memory until `flush`. */
export interface CsvFile {
  /** A row in parts, so that many rows can share some of them; the first part that has a column wins. */
  add(...parts: readonly Row[]): void
  readonly rows: number
  /** Writes what has gathered, if it is at least this many characters. */
  flush(atLeast: number): Promise<void>
  close(): Promise<void>
}

/** RFC 4180 with line feeds and a header; NULL is an empty cell. Replaces the file. */
export async function createCsvFile(path: string, columns: readonly string[]): Promise<CsvFile> {
  const handle: FileHandle = await open(path, 'w')
  let lines = [columns.join(',')]
  let characters = 0
  let rows = 0
  // Joined at once: text that grows by `+=` keeps every piece alive and tripled the time.
  const cells: string[] = columns.map(() => '')

  const flush = async (atLeast: number): Promise<void> => {
    if (characters < atLeast || lines.length === 0) return
    const text = `${lines.join('\n')}\n`
    lines = []
    characters = 0
    await handle.writeFile(text)
  }
  return {
    add(...parts) {
      for (let place = 0; place < columns.length; place++) {
        cells[place] = renderCell(findCell(parts, columns[place] ?? ''))
      }
      const line = cells.join(',')
      lines.push(line)
      characters += line.length
      rows++
    },
    get rows() {
      return rows
    },
    flush,
    async close() {
      await flush(0)
      await handle.close()
    },
  }
}

function findCell(parts: readonly Row[], column: string): Cell {
  for (const part of parts) {
    const cell = part[column]
    if (cell !== undefined) return cell
  }
  return undefined
}

const needsQuotes = /[",\r\n]/

function renderCell(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell !== 'string') return String(cell)
  return needsQuotes.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
