import { partitionSignature } from './database.ts'
import { type Measurement, measure } from './measurement.ts'
import { openNative } from './native.ts'
import { unionFind } from './union-find.ts'

export interface Mapped extends Measurement {
  readonly partition: string
}

/**
 * String edges through a `Map` into a union-find in this process, from DuckDB and back into it.
 *
 * @param file has `string_edges(left_type, left_value, right_type, right_value)`
 */
export async function stringsByUnionFind({ file }: { readonly file: string }): Promise<Mapped> {
  const native = await openNative(file)
  const { measurement } = await measure(async () => {
    const numbers = new Map<string, number>()
    const names: string[] = []
    const numberOf = (name: string): number => {
      const known = numbers.get(name)
      if (known !== undefined) return known
      numbers.set(name, names.length)
      return names.push(name) - 1
    }
    const ends: number[] = []
    await native.forEachChunk(
      `select left_type || ':' || left_value, right_type || ':' || right_value from given.string_edges`,
      (columns, rows) => {
        for (let row = 0; row < rows; row += 1) {
          for (const column of columns) ends.push(numberOf(String(column.getItem(row))))
        }
      },
    )
    const side = (which: number): Int32Array =>
      Int32Array.from({ length: ends.length / 2 }, (_, edge) => ends[2 * edge + which] ?? 0)
    const smallest = unionFind(names.length, side(0), side(1))
    await native.connection.run('create table mapping (identifier text, cluster text)')
    const appender = await native.connection.createAppender('mapping')
    names.forEach((name, number) => {
      appender.appendVarchar(name)
      appender.appendVarchar(names[smallest[number] ?? 0] ?? '')
      appender.endRow()
    })
    appender.closeSync()
  })
  return { ...measurement, partition: await partitionSignature(native, 'mapping') }
}

/** Of a file of lines `identifier <tab> cluster`. */
export async function partitionOfFile({
  file,
  mapping,
}: {
  readonly file: string
  readonly mapping: string
}): Promise<string> {
  const native = await openNative(file)
  return partitionSignature(native, tabSeparated(mapping, ['identifier', 'cluster']))
}

/** Writes `string_edges` as lines `identifier <tab> identifier`. */
export async function writeStringEdges({
  file,
  edges,
}: {
  readonly file: string
  readonly edges: string
}): Promise<void> {
  const native = await openNative(file)
  await native.connection.run(
    `copy (
      select left_type || ':' || left_value, right_type || ':' || right_value from given.string_edges
    ) to '${edges}' (format csv, header false, delimiter '\t', quote '', escape '')`,
  )
}

function tabSeparated(path: string, columns: readonly string[]): string {
  const types = columns.map((column) => `'${column}': 'text'`).join(', ')
  return `read_csv('${path}', header = false, auto_detect = false, delim = '\t', quote = '', escape = '', columns = {${types}})`
}
