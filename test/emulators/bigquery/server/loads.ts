import { gunzipSync } from 'node:zlib'
import { type Database, newTable, type Table } from '../engine/database.ts'
import { BigqueryError, EmulatorGap } from '../engine/errors.ts'
import { checkColumns, checkTableName, storable } from '../engine/tables.ts'
import { isTrue, type Json, listMember, member, parseJson, textMember } from '../json.ts'
import { BadValue, encodeObject } from '../values/encode.ts'
import { type Column, column, scalarNamed, type Type } from '../values/types.ts'

/** Of `TableFieldSchema`s. @throws BigqueryError */
export function columnsOfSchema(fields: readonly Json[]): readonly Column[] {
  return fields.map((field) => {
    const name = textMember(field, 'name') ?? ''
    const mode = textMember(field, 'mode')?.toUpperCase() ?? 'NULLABLE'
    const element = typeOfField(field)
    const parameters = [
      textMember(field, 'maxLength') ?? textMember(field, 'precision'),
      textMember(field, 'scale'),
    ]
    const given = parameters.filter((each) => each !== undefined)
    return {
      ...column(name, mode === 'REPEATED' ? { kind: 'ARRAY', element } : element),
      required: mode === 'REQUIRED',
      parameters: given.length === 0 ? '' : `(${given.join(', ')})`,
      description: textMember(field, 'description') ?? '',
    }
  })
}

function typeOfField(field: Json): Type {
  const name = textMember(field, 'type')?.toUpperCase() ?? ''
  if (name === 'RECORD' || name === 'STRUCT') {
    const fields = columnsOfSchema(listMember(field, 'fields'))
    return { kind: 'STRUCT', fields: fields.map((each) => ({ name: each.name, type: each.type })) }
  }
  const kind = scalarNamed(name)
  if (kind === undefined)
    throw new BigqueryError('invalid', `Invalid value for type: ${name} is not a valid value`)
  return { kind }
}

/** A load job of uploaded bytes. @throws BigqueryError */
export function load(
  database: Database,
  configuration: Json,
  body: Buffer,
): { readonly rows: number; readonly bytes: number } {
  const datasetId = textMember(configuration, 'destinationTable', 'datasetId') ?? ''
  const name = textMember(configuration, 'destinationTable', 'tableId') ?? ''
  checkTableName(name)
  const { relations } = database.dataset(datasetId)
  const existing = relations.get(name)
  if (existing?.kind === 'view')
    throw new BigqueryError('invalid', `Cannot load into a view: ${datasetId}.${name}`)
  const write = textMember(configuration, 'writeDisposition') ?? 'WRITE_APPEND'
  if (existing === undefined && textMember(configuration, 'createDisposition') === 'CREATE_NEVER') {
    throw database.noTable({ dataset: datasetId, name })
  }
  const fields = listMember(configuration, 'schema', 'fields')
  if (fields.length === 0 && (existing === undefined || isTrue(configuration, 'autodetect'))) {
    throw isTrue(configuration, 'autodetect')
      ? new EmulatorGap('schema autodetection')
      : new BigqueryError('invalid', 'No schema specified on job or table.')
  }
  if (write === 'WRITE_EMPTY' && existing !== undefined && existing.data.length > 0) {
    throw new BigqueryError('duplicate', `Already Exists: Table ${database.project}:${datasetId}.${name}`)
  }
  const given = columnsOfSchema(fields)
  const truncates = write === 'WRITE_TRUNCATE'
  const table = existing !== undefined && !(truncates && given.length > 0) ? existing : newTable(given, [])
  checkColumns(table.columns)
  if (existing !== undefined && !truncates && given.length > 0)
    refuseOtherSchema(existing, given, `${database.project}:${datasetId}.${name}`)
  const bytes = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body
  // The file has the columns of the schema that is given, in its order.
  const fileColumns = given.length > 0 ? given : table.columns
  const rows = readRows(configuration, bytes.toString('utf8'), fileColumns, table.columns)
  const data = storable(table.columns, rows.length === 0 ? [] : [Buffer.concat(rows)])
  relations.set(name, { ...table, data: truncates ? data : [...table.data, ...data], modified: Date.now() })
  return { rows: rows.length, bytes: bytes.length }
}

function refuseOtherSchema(existing: Table, given: readonly Column[], table: string): void {
  for (const each of given) {
    const same = existing.columns.find(({ name }) => name.toLowerCase() === each.name.toLowerCase())
    if (same === undefined) {
      throw new BigqueryError(
        'invalid',
        `Provided Schema does not match Table ${table}. Cannot add fields (field: ${each.name})`,
      )
    }
    if (JSON.stringify(same.type) !== JSON.stringify(each.type)) {
      throw new BigqueryError(
        'invalid',
        `Provided Schema does not match Table ${table}. Field ${each.name} has changed type from ${same.type.kind} to ${each.type.kind}`,
      )
    }
  }
}

function readRows(
  configuration: Json,
  text: string,
  fileColumns: readonly Column[],
  columns: readonly Column[],
): readonly Buffer[] {
  const format = textMember(configuration, 'sourceFormat') ?? 'CSV'
  const ignoreUnknown = isTrue(configuration, 'ignoreUnknownValues')
  const failed = (error: unknown, line: number): BigqueryError => {
    if (!(error instanceof BadValue || error instanceof SyntaxError)) throw error
    return new BigqueryError(
      'invalid',
      `Error while reading data, error message: ${format === 'CSV' ? 'CSV' : 'JSON'} processing encountered too many errors, giving up. ` +
        `Rows: ${line}; errors: 1; max bad: 0; error percent: 0: ${error.message}`,
    )
  }
  if (format === 'NEWLINE_DELIMITED_JSON') {
    return text.split('\n').flatMap((line, index) => {
      if (line.trim() === '') return []
      try {
        return [encodeObject(parseJson(line), columns, ignoreUnknown)]
      } catch (error) {
        throw failed(error, index + 1)
      }
    })
  }
  if (format !== 'CSV') throw new EmulatorGap(`loads of ${format}`)
  const records = parseCsv(text, configuration).slice(Number(member(configuration, 'skipLeadingRows') ?? 0))
  return records.map((record, index) => {
    try {
      if (record.length > fileColumns.length && !ignoreUnknown)
        throw new BadValue(
          `Too many values in line. Found ${record.length} column(s) while expected ${fileColumns.length}.`,
        )
      if (record.length < fileColumns.length && !isTrue(configuration, 'allowJaggedRows')) {
        throw new BadValue(
          `Too few columns: expected ${fileColumns.length} column(s) but got ${record.length} column(s).`,
        )
      }
      const row = fileColumns.map(({ name, type }, place) => {
        if (type.kind === 'ARRAY' || type.kind === 'STRUCT')
          throw new BadValue(`CSV cannot hold nested or repeated data. Field: ${name}`)
        return [name, record[place] ?? null] as const
      })
      return encodeObject(Object.fromEntries(row), columns, false)
    } catch (error) {
      throw failed(error, index + 1)
    }
  })
}

/** Records of cells; a cell that is the null marker and not quoted is null. */
function parseCsv(text: string, configuration: Json): readonly (readonly (string | null)[])[] {
  const delimiter = textMember(configuration, 'fieldDelimiter') ?? ','
  const quote = textMember(configuration, 'quote') ?? '"'
  const nullMarker = textMember(configuration, 'nullMarker') ?? ''
  const mayBreak = isTrue(configuration, 'allowQuotedNewlines')
  const separator = delimiter === '\\t' || delimiter.toLowerCase() === 'tab' ? '\t' : delimiter
  const records: (string | null)[][] = []
  let record: (string | null)[] = []
  let cell = ''
  let wasQuoted = false
  let quoted = false
  const endCell = (): void => {
    record.push(!wasQuoted && cell === nullMarker ? null : cell)
    cell = ''
    wasQuoted = false
  }
  const endRecord = (): void => {
    if (record.length === 0 && cell === '' && !wasQuoted) return
    endCell()
    records.push(record)
    record = []
  }
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (quoted) {
      if (character === quote && text.charAt(at + 1) === quote) {
        cell += quote
        at += 1
      } else if (character === quote) quoted = false
      else if (character === '\n' && !mayBreak) {
        throw new BigqueryError(
          'invalid',
          'Error while reading data, error message: Error detected while parsing row: Missing close quote character (").',
        )
      } else cell += character
    } else if (character === quote && quote !== '' && cell === '' && !wasQuoted) {
      quoted = true
      wasQuoted = true
    } else if (character === separator) endCell()
    else if (character === '\n') endRecord()
    else if (character === '\r' && text.charAt(at + 1) === '\n') continue
    else cell += character
  }
  if (quoted) {
    throw new BigqueryError(
      'invalid',
      'Error while reading data, error message: Error detected while parsing row: Missing close quote character (").',
    )
  }
  endRecord()
  return records
}

/** Rows of `tabledata.insertAll`: all or none, unless invalid ones may be skipped. */
export function insertAll(
  table: Table,
  body: Json,
): { readonly rows: readonly Buffer[]; readonly errors: readonly Json[] } {
  const ignoreUnknown = isTrue(body, 'ignoreUnknownValues')
  const errors: { index: number; errors: Json[] }[] = []
  const rows: Buffer[] = []
  const given = listMember(body, 'rows')
  for (const [index, row] of given.entries()) {
    try {
      rows.push(encodeObject(member(row, 'json') ?? null, table.columns, ignoreUnknown))
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      errors.push({
        index,
        errors: [{ reason: 'invalid', location: '', debugInfo: '', message: error.message }],
      })
    }
  }
  if (errors.length > 0 && !isTrue(body, 'skipInvalidRows')) {
    const bad = new Set(errors.map(({ index }) => index))
    for (const index of given.keys()) {
      if (!bad.has(index))
        errors.push({ index, errors: [{ reason: 'stopped', location: '', debugInfo: '', message: '' }] })
    }
    return { rows: [], errors }
  }
  return { rows, errors }
}
