import {
  fieldsOf,
  integerField,
  integerOf,
  messageField,
  messageOf,
  messagesOf,
  textField,
  textOf,
} from '../service/wire.ts'

const scalars = {
  INT64: { proto: 2, field: 'INTEGER' },
  BOOL: { proto: 5, field: 'BOOLEAN' },
  FLOAT64: { proto: 7, field: 'FLOAT' },
  STRING: { proto: 8, field: 'STRING' },
  BYTES: { proto: 9, field: 'BYTES' },
  DATE: { proto: 10, field: 'DATE' },
  TIMESTAMP: { proto: 19, field: 'TIMESTAMP' },
  TIME: { proto: 20, field: 'TIME' },
  DATETIME: { proto: 21, field: 'DATETIME' },
  GEOGRAPHY: { proto: 22, field: 'GEOGRAPHY' },
  NUMERIC: { proto: 23, field: 'NUMERIC' },
  BIGNUMERIC: { proto: 24, field: 'BIGNUMERIC' },
  JSON: { proto: 26, field: 'JSON' },
  INTERVAL: { proto: 27, field: 'INTERVAL' },
} as const

export type ScalarName = keyof typeof scalars

export type Type =
  | { readonly kind: ScalarName }
  | { readonly kind: 'ARRAY'; readonly element: Type }
  | { readonly kind: 'STRUCT'; readonly fields: readonly StructField[] }

export interface StructField {
  readonly name: string
  readonly type: Type
}

export interface Column {
  readonly name: string
  readonly type: Type
  /** Declared NOT NULL. */
  readonly required: boolean
  /** Of a parameterised type, as `(10, 2)`; empty otherwise. */
  readonly parameters: string
  readonly description: string
}

export function column(name: string, type: Type): Column {
  return { name, type, required: false, parameters: '', description: '' }
}

const scalarNames: readonly ScalarName[] = [
  ...(['INT64', 'BOOL', 'FLOAT64', 'STRING', 'BYTES', 'DATE', 'TIMESTAMP', 'TIME'] as const),
  ...(['DATETIME', 'GEOGRAPHY', 'NUMERIC', 'BIGNUMERIC', 'JSON', 'INTERVAL'] as const),
]

const arrayKind = 16
const structKind = 17

/** As `TypeProto`. */
export function encodeType(type: Type): Buffer {
  switch (type.kind) {
    case 'ARRAY':
      return Buffer.concat([
        integerField(1, arrayKind),
        messageField(2, [messageField(1, [encodeType(type.element)])]),
      ])
    case 'STRUCT':
      return Buffer.concat([
        integerField(1, structKind),
        messageField(
          3,
          type.fields.map((field) =>
            messageField(1, [textField(1, field.name), messageField(2, [encodeType(field.type)])]),
          ),
        ),
      ])
    default:
      return integerField(1, scalars[type.kind].proto)
  }
}

/** @throws Error for a type that BigQuery has not */
export function decodeType(message: Buffer): Type {
  const kind = integerOf(message, 1)
  if (kind === arrayKind) {
    const element = messageOf(messageOf(message, 2) ?? Buffer.alloc(0), 1)
    if (element === undefined) throw new Error('an array type without an element')
    return { kind: 'ARRAY', element: decodeType(element) }
  }
  if (kind === structKind) {
    const fields = messagesOf(messageOf(message, 3) ?? Buffer.alloc(0), 1)
    return {
      kind: 'STRUCT',
      fields: fields.map((field) => ({
        name: textOf(field, 1) ?? '',
        type: decodeType(messageOf(field, 2) ?? Buffer.alloc(0)),
      })),
    }
  }
  const name = scalarNames.find((each) => scalars[each].proto === kind)
  if (name === undefined) throw new Error(`the analyzer answered with a type that BigQuery has not: ${kind}`)
  return { kind: name }
}

/** As SQL writes it: `ARRAY<STRUCT<a INT64>>`. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'ARRAY':
      return `ARRAY<${typeText(type.element)}>`
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => `${field.name} ${typeText(field.type)}`.trim()).join(', ')}>`
    default:
      return type.kind
  }
}

/** A type as SQL or the API names it: `INT64` or `INTEGER`; undefined for any other word. */
export function scalarNamed(name: string): ScalarName | undefined {
  const upper = name.toUpperCase()
  const other: Readonly<Record<string, ScalarName>> = { BIGDECIMAL: 'BIGNUMERIC', DECIMAL: 'NUMERIC' }
  return scalarNames.find((each) => each === upper || scalars[each].field === upper) ?? other[upper]
}

/** As `TableFieldSchema` of the API. */
export interface FieldSchema {
  readonly name: string
  readonly type: string
  readonly mode: 'NULLABLE' | 'REQUIRED' | 'REPEATED'
  readonly description?: string
  readonly precision?: string
  readonly scale?: string
  readonly maxLength?: string
  readonly fields?: readonly FieldSchema[]
}

export function fieldSchema(of: Column): FieldSchema {
  const mode = of.type.kind === 'ARRAY' ? 'REPEATED' : of.required ? 'REQUIRED' : 'NULLABLE'
  const element = of.type.kind === 'ARRAY' ? of.type.element : of.type
  const [first, second] = of.parameters.replaceAll(/[() ]/g, '').split(',')
  const isText = element.kind === 'STRING' || element.kind === 'BYTES'
  return {
    name: of.name,
    type:
      element.kind === 'STRUCT' ? 'RECORD' : element.kind === 'ARRAY' ? 'ARRAY' : scalars[element.kind].field,
    mode,
    ...(of.description === '' ? {} : { description: of.description }),
    ...(first ? (isText ? { maxLength: first } : { precision: first }) : {}),
    ...(second ? { scale: second } : {}),
    ...(element.kind === 'STRUCT'
      ? { fields: element.fields.map((field) => fieldSchema(column(field.name, field.type))) }
      : {}),
  }
}

/** Of columns as the service lists them: `SimpleColumnProto`. */
export function decodeColumns(columns: readonly Buffer[]): readonly Column[] {
  return columns.map((each) => {
    let name = ''
    let type: Type | undefined
    for (const field of fieldsOf(each)) {
      if (field.number === 1) name = field.bytes.toString('utf8')
      if (field.number === 2) type = decodeType(field.bytes)
    }
    if (type === undefined) throw new Error(`column \`${name}\` has no type`)
    return column(name, type)
  })
}
