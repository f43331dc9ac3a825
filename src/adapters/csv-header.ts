import { closeSync, openSync, readSync } from 'node:fs'
import { csvError, notUtf8 } from './csv-error.ts'

export interface CsvHeader {
  readonly delimiter: string
  /** As written, without blanks around them; none is empty, and no two are the same but for letter case. */
  readonly names: readonly string[]
}

const delimiters = [',', ';', '\t', '|']
const naming = 'the first line names the columns, each once; letter case makes no difference'
/** Far more than a line of names needs. */
const headBytes = 1 << 20

/**
 * The first line of a CSV file. It is not left to DuckDB's sniffer, which passes over lines that do not fit its guess
 * and makes up names.
 *
 * @throws {CsvError} the file cannot be read, or its first line does not name the columns
 */
export function csvHeader(file: string): CsvHeader {
  const head = headOf(file)
  if (head.subarray(0, 2).equals(Buffer.from([0xff, 0xfe]))) throw csvError(file, notUtf8, 1)
  const text = head.toString('utf8').replace(/^\uFEFF/, '')
  if (text.trim() === '') throw csvError(file, { reason: 'it is empty', hint: naming })
  const records = delimiters.map((delimiter) => ({ delimiter, names: firstRecord(text, delimiter) }))
  const { delimiter, names } = records.reduce((best, each) =>
    each.names.length > best.names.length ? each : best,
  )
  const seen = new Set<string>()
  for (const [index, name] of names.entries()) {
    if (name === '')
      throw csvError(file, { reason: `column ${index + 1} of ${names.length} has no name`, hint: naming }, 1)
    if (seen.has(name.toLowerCase()))
      throw csvError(file, { reason: `two columns are named \`${name}\``, hint: naming }, 1)
    seen.add(name.toLowerCase())
  }
  return { delimiter, names }
}

function headOf(file: string): Buffer {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const buffer = Buffer.alloc(headBytes)
      return buffer.subarray(0, readSync(descriptor, buffer))
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw csvError(file, { reason, hint: 'check that it is a readable file' })
  }
}

/** The fields up to the first line end outside quotation marks; a doubled mark within them is one. */
function firstRecord(text: string, delimiter: string): readonly string[] {
  const fields: string[] = []
  let field = ''
  let quoted = false
  for (let index = 0; index < text.length; index += 1) {
    const letter = text.charAt(index)
    if (quoted && letter === '"' && text.charAt(index + 1) === '"') {
      field += letter
      index += 1
    } else if (letter === '"') quoted = !quoted
    else if (quoted) field += letter
    else if (letter === '\n' || letter === '\r') break
    else if (letter === delimiter) {
      fields.push(field.trim())
      field = ''
    } else field += letter
  }
  return [...fields, field.trim()]
}
