import type { Language } from '../service/language.ts'
import { GoogleSqlError, type Service } from '../service/service.ts'
import {
  fieldsOf,
  integerField,
  integerOf,
  messageAt,
  messageField,
  messageOf,
  messagesOf,
  textField,
  textOf,
} from '../service/wire.ts'
import { type Column, column, decodeColumns, decodeType, encodeType, type Type } from '../values/types.ts'
import { encodeTable } from './database.ts'
import { BigqueryError, EmulatorGap } from './errors.ts'
import { positional } from './rewrite.ts'

/** A table as a statement sees it: under the name it uses. */
export interface Input {
  readonly segments: readonly string[]
  readonly columns: readonly Column[]
  readonly data: readonly Buffer[]
}

export interface Parameter {
  /** Empty for a positional one. */
  readonly name: string
  readonly type: Type
  readonly value: Buffer
}

export interface Rows {
  readonly columns: readonly Column[]
  readonly data: readonly Buffer[]
}

/** A row that the evaluator would insert, change or delete. */
export interface Change {
  readonly operation: 'INSERT' | 'DELETE' | 'UPDATE'
  readonly cells: readonly Buffer[]
  readonly key: Buffer | undefined
}

/** Google's analyzer and evaluator, with BigQuery's language and in terms of tables and columns. */
export class Analyst {
  readonly #service: Service
  readonly #language: Language
  readonly #builtin: Buffer

  constructor(service: Service, language: Language) {
    this.#service = service
    this.#language = language
    this.#builtin = messageField(5, [messageField(1, [language.language])])
  }

  /** Paths of the tables that a statement reads or writes, as written. @throws BigqueryError where it does not parse */
  async tableNames(sql: string): Promise<readonly (readonly string[])[]> {
    const answer = await this.#judge('ExtractTableNamesFromStatement', [
      textField(1, sql),
      messageField(2, [this.#language.language]),
    ])
    return messagesOf(answer, 1).map((name) => messagesOf(name, 1).map((segment) => segment.toString('utf8')))
  }

  /** The resolved statement. @throws BigqueryError with Google's words and position */
  async analyze(sql: string, inputs: readonly Input[], parameters: readonly Parameter[]): Promise<Buffer> {
    const answer = await this.#judge('Analyze', [
      messageField(1, [this.#options(parameters)]),
      messageField(2, [this.#catalog(inputs, [])]),
      textField(5, sql),
    ])
    return messageOf(answer, 1) ?? Buffer.alloc(0)
  }

  /** Inputs of one segment only: the evaluator finds no others. */
  async evaluate(sql: string, inputs: readonly Input[], parameters: readonly Parameter[]): Promise<Rows> {
    const answer = await this.#run('EvaluateQuery', [
      textField(1, sql),
      messageField(2, [this.#options(parameters.map(named))]),
      messageField(4, [this.#catalog(inputs, [])]),
      ...inputs.map((input) => messageField(7, contentEntry(input))),
      ...parameters.map(named).map((parameter) => messageField(8, parameterValue(parameter))),
    ])
    const columns = messagesOf(messageOf(answer, 2) ?? Buffer.alloc(0), 4)
    const data = messageAt(answer, [1, 1])
    return {
      columns: decodeColumns(columns).map((each, index) =>
        each.name === '' || each.name.startsWith('$') ? { ...each, name: `f${index}_` } : each,
      ),
      data: data === undefined || data.length === 0 ? [] : [data],
    }
  }

  /** INSERT, UPDATE or DELETE of `target`, whose last column is a key of its rows unless the statement inserts. */
  async modify(
    sql: string,
    target: Input,
    hasKey: boolean,
    inputs: readonly Input[],
    parameters: readonly Parameter[],
  ): Promise<readonly Change[]> {
    const key = hasKey ? [integerField(9, target.columns.length - 1)] : []
    const answer = await this.#run('EvaluateModify', [
      textField(1, sql),
      messageField(2, [this.#options(parameters.map(named))]),
      messageField(4, [
        this.#catalog(inputs, [messageField(2, [encodeTable(nameIn(target), target.columns, key)])]),
      ]),
      ...[target, ...inputs].map((input) => messageField(7, contentEntry(input))),
      ...parameters.map(named).map((parameter) => messageField(8, parameterValue(parameter))),
    ])
    return messagesOf(answer, 2).map(readChange)
  }

  #options(parameters: readonly Parameter[]): Buffer {
    if (parameters.length === 0) return this.#language.analyzer
    const positional = parameters.some(({ name }) => name === '')
    return Buffer.concat([
      this.#language.analyzer,
      ...parameters.map(({ name, type }) =>
        positional
          ? messageField(12, [encodeType(type)])
          : messageField(2, [textField(1, name), messageField(2, [encodeType(type)])]),
      ),
      ...(positional ? [integerField(13, 1)] : []),
    ])
  }

  /** Paths of several segments become catalogs within catalogs. */
  #catalog(inputs: readonly Input[], more: readonly Buffer[]): Buffer {
    return Buffer.concat([
      textField(1, 'root'),
      ...more,
      ...catalogFields(inputs.map((input) => ({ path: input.segments, input }))),
      this.#builtin,
    ])
  }

  /** What the analyzer takes and the evaluator cannot run says nothing about BigQuery. */
  async #run(method: 'EvaluateModify' | 'EvaluateQuery', message: readonly Buffer[]): Promise<Buffer> {
    try {
      return await this.#judge(method, message)
    } catch (error) {
      const gap = error instanceof BigqueryError ? notEvaluated.exec(error.message)?.[0] : undefined
      throw gap === undefined ? error : new EmulatorGap(`evaluation of this: ${gap}`)
    }
  }

  async #judge(method: Parameters<Service['call']>[0], message: readonly Buffer[]): Promise<Buffer> {
    try {
      return await this.#service.call(method, message)
    } catch (error) {
      if (error instanceof GoogleSqlError) throw asBigqueryError(error.message)
      throw error
    }
  }
}

interface Placed {
  readonly path: readonly string[]
  readonly input: Input
}

function catalogFields(inputs: readonly Placed[]): readonly Buffer[] {
  const here = inputs.filter(({ path }) => path.length === 1)
  const below = new Map<string, Placed[]>()
  for (const placed of inputs) {
    const [first = '', ...more] = placed.path
    if (more.length > 0) below.set(first, [...(below.get(first) ?? []), { path: more, input: placed.input }])
  }
  return [
    ...here.map(({ path, input }) => messageField(2, [encodeTable(path[0] ?? '', input.columns)])),
    ...[...below].map(([name, inside]) => messageField(4, [textField(1, name), ...catalogFields(inside)])),
  ]
}

function nameIn(input: Input): string {
  return input.segments.join('.')
}

function contentEntry(input: Input): readonly Buffer[] {
  return [textField(1, nameIn(input)), messageField(2, [messageField(1, input.data)])]
}

function named(parameter: Parameter, index: number): Parameter {
  return parameter.name === '' ? { ...parameter, name: positional(index) } : parameter
}

function parameterValue({ name, value }: Parameter): readonly Buffer[] {
  return [textField(1, name), messageField(2, [value])]
}

const notEvaluated =
  /^Unsupported built-in function: \S+|^Unimplemented feature .*|^\S+ is an optional function implementation which is not present|^One or more tables being queried do\(es\) not have its\/their content set.*/

const operations = ['INSERT', 'DELETE', 'UPDATE'] as const

function readChange(message: Buffer): Change {
  const cells: Buffer[] = []
  let key: Buffer | undefined
  let operation: Change['operation'] | undefined
  for (const field of fieldsOf(message)) {
    if (field.number === 1) operation = operations[Number(field.integer) - 1]
    if (field.number === 2) cells.push(field.bytes)
    if (field.number === 3) key = field.bytes
  }
  if (operation === undefined) throw new Error('a changed row without an operation')
  return { operation, cells, key }
}

/** Google's analyzer ends a message with ` [at 1:2]`, BigQuery with ` at [1:2]`. */
function asBigqueryError(words: string): BigqueryError {
  const match = /^([\s\S]*?) \[at (\d+:\d+)\]$/.exec(words)
  return match === null
    ? new BigqueryError('invalidQuery', words, 'query')
    : new BigqueryError('invalidQuery', `${match[1]} at [${match[2]}]`, 'query')
}

const query = 38
const create = 39
const createTable = 106
const createView = 108

/** Columns that a resolved statement gives: of a query's rows, or of the table or view it makes. */
export function columnsOf(resolved: Buffer): readonly Column[] {
  const select = messageOf(resolved, query)
  if (select !== undefined) return outputColumns(messagesOf(select, 2))
  const view = messageAt(resolved, [create, createView, 41, 1])
  if (view !== undefined) return outputColumns(messagesOf(view, 3))
  const table = messageAt(resolved, [create, createTable])
  if (table === undefined) return []
  const base = messageAt(table, [40, 1]) ?? messageAt(table, [90, 1])
  return base === undefined ? [] : messagesOf(base, 3).map(definedColumn)
}

function outputColumns(columns: readonly Buffer[]): readonly Column[] {
  return columns.map((each) => {
    const type = messageAt(each, [3, 4])
    if (type === undefined) throw new Error('an output column without a type')
    return column(textOf(each, 2) ?? '', decodeType(type))
  })
}

function definedColumn(definition: Buffer): Column {
  const type = messageOf(definition, 3)
  if (type === undefined) throw new Error('a column without a type')
  const annotations = messageOf(definition, 4) ?? Buffer.alloc(0)
  return {
    ...column(textOf(definition, 2) ?? '', decodeType(type)),
    required: integerOf(annotations, 2) === 1,
    parameters: parametersText(messageOf(annotations, 5)),
  }
}

function parametersText(of: Buffer | undefined): string {
  if (of === undefined) return ''
  const length = messageAt(of, [1])
  const numeric = messageAt(of, [2])
  const numbers =
    length !== undefined
      ? [integerOf(length, 1)]
      : numeric !== undefined
        ? [integerOf(numeric, 1), integerOf(numeric, 3)]
        : []
  const given = numbers.filter((each) => each !== undefined)
  return given.length === 0 ? '' : `(${given.join(', ')})`
}
