import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findBinary } from '../service/binary.ts'
import { fieldsOf } from '../service/wire.ts'

/** A node of a resolved statement: wrappers are gone, and what it inherits stands beside its own fields. */
export interface Node {
  /** As Google names it, without `Proto`: `ResolvedJoinScan`. */
  readonly kind: string
  readonly fields: ReadonlyMap<string, readonly (Node | bigint | string)[]>
}

type Shape = ReadonlyMap<number, { readonly name: string; readonly type: string }>

let shapes: ReadonlyMap<string, Shape> | undefined

/** Of the messages that make up a resolved statement, from the files that describe them. */
function knownShapes(): ReadonlyMap<string, Shape> {
  if (shapes !== undefined) return shapes
  const binary = findBinary()
  if ('missing' in binary) throw new Error(binary.missing)
  const files = ['resolved_ast.proto', 'serialization.proto'].map((file) =>
    readFileSync(join(binary.protos, 'zetasql/resolved_ast', file), 'utf8'),
  )
  shapes = new Map(
    [...files.join('\n').matchAll(/^message (\w+) \{\n([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => [
      name,
      new Map(
        [...body.matchAll(/^\s+(?:optional |repeated )?([\w.]+) (\w+) = (\d+)/gm)].map(
          ([, type = '', field = '', number]) => [Number(number), { name: field, type }],
        ),
      ),
    ]),
  )
  return shapes
}

/** A resolved statement as the analyzer answered it. */
export function readResolved(statement: Buffer): Node {
  return readMessage(statement, 'AnyResolvedStatementProto', knownShapes())
}

function readMessage(message: Buffer, type: string, known: ReadonlyMap<string, Shape>): Node {
  const shape = known.get(type)
  const fields = new Map<string, (Node | bigint | string)[]>()
  for (const field of fieldsOf(message)) {
    const described = shape?.get(field.number)
    if (described === undefined) continue
    const { name, type: of } = described
    if (known.has(of)) {
      const inner = readMessage(field.bytes, of, known)
      if (type.startsWith('Any')) return inner
      if (name !== 'parent') fields.set(name, [...(fields.get(name) ?? []), inner])
      else for (const [inherited, values] of inner.fields) fields.set(inherited, [...values])
    } else if (of === 'string') {
      fields.set(name, [...(fields.get(name) ?? []), field.bytes.toString('utf8')])
    } else if (field.bytes.length === 0) {
      fields.set(name, [...(fields.get(name) ?? []), field.integer])
    }
  }
  return { kind: type.replace(/Proto$/, ''), fields }
}

export function nodesOf(node: Node, field: string): readonly Node[] {
  return (node.fields.get(field) ?? []).filter((value) => typeof value === 'object')
}

export function nodeOf(node: Node | undefined, field: string): Node | undefined {
  return node === undefined ? undefined : nodesOf(node, field)[0]
}

export function numberOf(node: Node, field: string): number {
  const [value] = node.fields.get(field) ?? []
  return typeof value === 'bigint' ? Number(value) : 0
}

export function nameOf(node: Node | undefined): string {
  const [value] = node?.fields.get('name') ?? []
  return typeof value === 'string' ? value : ''
}

/** A node and all below it, each before what it holds. */
export function* within(node: Node): Generator<Node> {
  yield node
  for (const values of node.fields.values()) {
    for (const value of values) if (typeof value === 'object') yield* within(value)
  }
}
